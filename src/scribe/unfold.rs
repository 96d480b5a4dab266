//! Puts partials where they are called, once, when the templates of a language are compiled.
//!
//! handlebars copies everything a template sees for each partial it includes, which made most of the time a
//! letter takes. A template without calls prints the same (a test compares the letters). A call that
//! cannot be replaced safely stays a call.

use std::collections::HashMap;

use handlebars::template::{HelperTemplate, Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, JsonRender, Path, Template};

/// What the names given by a partial's call stand for.
type Names = HashMap<String, Parameter>;

/// Replaces every template of a set by one without calls. `check` has seen to it that no partial includes
/// itself, and how much they include.
pub fn unfold(templates: &mut Handlebars<'static>) {
    let set = Unfold {
        templates,
        escape: templates.get_escape_fn(),
    };
    // Partials have no slash in their name.
    let whole = templates
        .get_templates()
        .iter()
        .filter(|(name, _)| name.contains('/'));
    let unfolded: Vec<(String, Template)> = whole
        .map(|(name, template)| (name.clone(), set.template(template, &Names::new(), None)))
        .collect();
    for (name, template) in unfolded {
        templates.register_template(&name, template);
    }
}

struct Unfold<'a> {
    templates: &'a Handlebars<'static>,
    escape: &'a dyn Fn(&str) -> String,
}

impl Unfold<'_> {
    /// `template` with its partials in place. `names` are those its call gave, `block` is what its call wrapped.
    /// Places are lost, the name stays: an error after the check still tells the file.
    fn template(&self, template: &Template, names: &Names, block: Option<&Template>) -> Template {
        let mut out = Template::default();
        out.name.clone_from(&template.name);
        for element in &template.elements {
            self.element(element, names, block, &mut out.elements);
        }
        out
    }

    fn element(
        &self,
        element: &TemplateElement,
        names: &Names,
        block: Option<&Template>,
        out: &mut Vec<TemplateElement>,
    ) {
        match element {
            TemplateElement::PartialExpression(call) | TemplateElement::PartialBlock(call) => {
                let name = call.name.as_name().unwrap_or_default();
                let given: Names = call
                    .hash
                    .iter()
                    .map(|(name, value)| (name.clone(), self.parameter(value, names)))
                    .collect();
                let partial = self.templates.get_template(name).filter(|partial| {
                    call.params.is_empty()
                        && self.fits(partial, !(names.is_empty() && given.is_empty()))
                });
                if let ("@partial-block", Some(block)) = (name, block) {
                    out.extend(block.elements.iter().cloned());
                } else if let Some(partial) = partial {
                    let wrapped = call.template.as_ref();
                    let wrapped = wrapped.map(|block_of| self.template(block_of, names, block));
                    let mut inner = names.clone();
                    inner.extend(given);
                    let partial = self.template(partial, &inner, wrapped.as_ref());
                    out.extend(partial.elements);
                } else {
                    let mut call = call.clone();
                    call.hash = given;
                    out.push(TemplateElement::PartialExpression(call));
                }
            }
            TemplateElement::Expression(expression) => {
                out.push(match self.parameter(&expression.name, names) {
                    Parameter::Literal(value) if expression.params.is_empty() => {
                        TemplateElement::RawString((self.escape)(&value.render()))
                    }
                    name => {
                        let mut expression = self.helper(expression, names);
                        if expression.params.is_empty() {
                            expression.name = name;
                        }
                        TemplateElement::Expression(Box::new(expression))
                    }
                })
            }
            TemplateElement::HelperBlock(helper) => {
                let mut helper = self.helper(helper, names);
                for inside in [&mut helper.template, &mut helper.inverse] {
                    *inside = inside
                        .as_ref()
                        .map(|inside| self.template(inside, names, block));
                }
                out.push(TemplateElement::HelperBlock(Box::new(helper)));
            }
            other => out.push(other.clone()),
        }
    }

    fn helper(&self, helper: &HelperTemplate, names: &Names) -> HelperTemplate {
        let mut helper = helper.clone();
        for parameter in &mut helper.params {
            *parameter = self.parameter(parameter, names);
        }
        helper
    }

    /// A parameter with the names of the call replaced by what they stand for.
    fn parameter(&self, parameter: &Parameter, names: &Names) -> Parameter {
        match parameter {
            Parameter::Path(_) => {
                let raw = parameter.as_name().unwrap_or_default();
                replaced(raw, names).unwrap_or_else(|| parameter.clone())
            }
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(call) => {
                    let call = self.helper(call, names);
                    Parameter::Subexpression(Subexpression::new(call.name, call.params, call.hash))
                }
                _ => parameter.clone(),
            },
            _ => parameter.clone(),
        }
    }

    /// Whether a partial means the same without a scope of its own: it does not look outside, and where
    /// names were given it opens no scope in which they would mean something else.
    fn fits(&self, partial: &Template, named: bool) -> bool {
        partial.elements.iter().all(|element| match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => true,
            TemplateElement::Expression(call) => fits_helper(call),
            TemplateElement::HelperBlock(call) => {
                let opens = matches!(call.name.as_name(), Some("each" | "with"));
                let inside = call.template.iter().chain(&call.inverse);
                !(named && opens)
                    && fits_helper(call)
                    && inside.into_iter().all(|inside| self.fits(inside, named))
            }
            TemplateElement::PartialExpression(call) | TemplateElement::PartialBlock(call) => {
                let name = call.name.as_name().unwrap_or_default();
                let known = self.templates.get_template(name);
                let inside = known.into_iter().chain(&call.template);
                (name == "@partial-block" || known.is_some())
                    && call
                        .params
                        .iter()
                        .chain(call.hash.values())
                        .all(fits_parameter)
                    && inside
                        .into_iter()
                        .all(|inside| self.fits(inside, named || !call.hash.is_empty()))
            }
            _ => false,
        })
    }
}

fn fits_helper(call: &HelperTemplate) -> bool {
    fits_parameter(&call.name) && call.params.iter().all(fits_parameter)
}

fn fits_parameter(parameter: &Parameter) -> bool {
    match parameter {
        Parameter::Literal(_) => true,
        Parameter::Subexpression(inner) => match inner.as_element() {
            TemplateElement::Expression(call) => fits_helper(call),
            _ => false,
        },
        other => other
            .as_name()
            .is_some_and(|name| !name.contains("..") && !name.contains('@')),
    }
}

/// What a path stands for when its first part is a name of the call: `who.name` with `who=ticket.requester`.
fn replaced(raw: &str, names: &Names) -> Option<Parameter> {
    let first = raw.split(['.', '/']).next()?;
    let given = names.get(first)?;
    let tail = raw.strip_prefix(first)?;
    if tail.is_empty() {
        return Some(given.clone());
    }
    let path = Path::parse(&format!("{}{tail}", given.as_name()?)).ok()?;
    Some(Parameter::Path(path))
}
