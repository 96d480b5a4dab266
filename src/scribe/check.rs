//! Reads every template before it is used and refuses what would go wrong later.
//!
//! handlebars is strict about `{{missing}}` but takes `{{#if missing}}` for false, follows partials that
//! include each other until the stack ends, and prints `{{{raw}}}` unescaped. Here a template's tree is walked against
//! the variables that are published, partials included where they stand, so that a partial is
//! checked with what it is given.

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, Parameter, TemplateElement,
};
use handlebars::{Path, Template};
use serde_json::Value as Json;

use super::TemplateError;
use super::set::Set;

/// Helpers of handlebars that give a value: the name, and how many values they take.
const COMPARISONS: [(&str, usize); 10] = [
    ("eq", 2),
    ("ne", 2),
    ("gt", 2),
    ("gte", 2),
    ("lt", 2),
    ("lte", 2),
    ("and", 2),
    ("or", 2),
    ("not", 1),
    ("len", 1),
];
/// Names handlebars gives to the place in a list.
const LOCALS: [&str; 4] = ["index", "first", "last", "key"];
/// Partials within partials; ours go three deep.
const DEPTH_MAX: usize = 16;
/// Elements a template has with all it includes; the largest of ours has some hundred. Partials that include
/// others many times could otherwise take hours to read.
const ELEMENTS_MAX: usize = 20_000;

/// Walks a template of the set and what it includes. `published` has every variable there is, with lists that are
/// not empty.
pub fn check(set: &Set, name: &str, published: &Json) -> Result<(), TemplateError> {
    let Some(template) = set.get(name) else {
        return Err(set.error(name, None, "no such template".to_owned()));
    };
    let mut walk = Walk {
        set,
        root: published,
        scopes: vec![Scope {
            value: Some(published),
            names: Vec::new(),
            in_list: false,
        }],
        inside: vec![name.to_owned()],
        blocks: 0,
        elements: 0,
    };
    walk.template(template)
}

/// What a name can mean at a place of a template.
struct Scope<'a> {
    /// What `this` is; `None` for a value without parts that is not known.
    value: Option<&'a Json>,
    /// Names given by a partial's call or by `as |name|`.
    names: Vec<(String, Option<&'a Json>)>,
    /// Whether `@index` and its like are there.
    in_list: bool,
}

struct Walk<'a> {
    set: &'a Set,
    root: &'a Json,
    scopes: Vec<Scope<'a>>,
    /// The template that is read and those that led to it.
    inside: Vec<String>,
    /// How many of `inside` were called with a block, so that they may use `@partial-block`.
    blocks: usize,
    /// How many elements were read.
    elements: usize,
}

type Checked<T = ()> = Result<T, String>;

impl<'a> Walk<'a> {
    fn template(&mut self, template: &'a Template) -> Result<(), TemplateError> {
        for (number, element) in template.elements.iter().enumerate() {
            let line = template.mapping.get(number).map(|place| place.0);
            self.element(element)
                .map_err(|problem| self.located(problem, line))?;
        }
        Ok(())
    }

    fn located(&self, problem: Problem, line: Option<usize>) -> TemplateError {
        let name = self.inside.last().map_or("", String::as_str);
        match problem {
            Problem::Here(reason) => self.set.error(name, line, reason),
            // The tree does not say on which line an `{{else if}}` stands; that of its block is near.
            Problem::Below(mut error) => {
                if error.line.is_none() && self.set.file(name) == error.file {
                    error.line = line;
                }
                error
            }
        }
    }

    fn element(&mut self, element: &'a TemplateElement) -> Result<(), Problem> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err("partials are included too many times".to_owned().into());
        }
        match element {
            TemplateElement::RawString(_) | TemplateElement::Comment(_) => Ok(()),
            TemplateElement::Expression(expression) => self.expression(expression),
            TemplateElement::HelperBlock(block) => self.block(block),
            TemplateElement::PartialExpression(call) => self.partial(call, false),
            TemplateElement::PartialBlock(call) => self.partial(call, true),
            TemplateElement::HtmlExpression(_) => Err(
                "prints a value without escaping it; write {{name}} instead of {{{name}}} or {{&name}}"
                    .to_owned()
                    .into(),
            ),
            _ => Err(
                "decorators ({{* ...}}) are not used here; put the text in a partial"
                    .to_owned()
                    .into(),
            ),
        }
    }

    fn expression(&mut self, expression: &'a HelperTemplate) -> Result<(), Problem> {
        if expression.params.is_empty() && expression.hash.is_empty() {
            let value = self.value(&expression.name)?;
            return match value {
                Some(Json::Object(_) | Json::Array(_)) => Err(format!(
                    "`{}` has several parts; name one of them",
                    expression.name.as_name().unwrap_or_default()
                )
                .into()),
                _ => Ok(()),
            };
        }
        Ok(self.call(expression)?)
    }

    /// A call of a helper that gives or prints a value.
    fn call(&self, call: &'a HelperTemplate) -> Checked {
        let name = call.name.as_name().unwrap_or_default();
        let wanted = COMPARISONS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, count)| *count)
            .or_else(|| self.set.ours().contains(&name).then_some(1));
        let Some(wanted) = wanted else {
            let known = COMPARISONS.iter().map(|(known, _)| *known);
            let known: Vec<&str> = known.chain(self.set.ours().iter().copied()).collect();
            return Err(format!(
                "no helper is called `{name}` here; there are {}",
                known.join(", ")
            ));
        };
        if call.params.len() != wanted || !call.hash.is_empty() {
            return Err(format!("`{name}` takes {wanted} value(s)"));
        }
        for parameter in &call.params {
            self.value(parameter)?;
        }
        Ok(())
    }

    /// `{{#if}}` and the like.
    fn block(&mut self, block: &'a HelperTemplate) -> Result<(), Problem> {
        let name = block.name.as_name().unwrap_or_default();
        if !["if", "unless", "each", "with"].contains(&name) {
            return Err(format!(
                "no block is called `{name}`; there are if, unless, each and with"
            )
            .into());
        }
        let [parameter] = block.params.as_slice() else {
            return Err(format!("`{name}` takes one value").into());
        };
        let value = self.value(parameter)?;
        let scope = match name {
            "each" => match value {
                Some(Json::Array(items)) => Some(items.first()),
                _ => return Err("`each` takes a list".to_owned().into()),
            },
            "with" => Some(value),
            _ => None,
        };
        if let Some(value) = scope {
            let names = match &block.block_param {
                Some(BlockParam::Single(name)) => vec![(name, value)],
                Some(BlockParam::Pair((name, index))) => vec![(name, value), (index, None)],
                _ => Vec::new(),
            };
            self.scopes.push(Scope {
                value,
                names: names
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.as_name()?.to_owned(), value)))
                    .collect(),
                in_list: name == "each",
            });
        }
        let inner = block.template.as_ref().map_or(Ok(()), |t| self.template(t));
        if scope.is_some() {
            self.scopes.pop();
        }
        inner?;
        if let Some(inverse) = &block.inverse {
            self.template(inverse)?;
        }
        Ok(())
    }

    fn partial(&mut self, call: &'a DecoratorTemplate, with_block: bool) -> Result<(), Problem> {
        let Some(name) = call.name.as_name() else {
            return Err("a partial is called by its name".to_owned().into());
        };
        if name == "@partial-block" {
            return if self.blocks > 0 {
                Ok(())
            } else {
                Err(
                    "@partial-block is for partials that are called with a block"
                        .to_owned()
                        .into(),
                )
            };
        }
        let Some(partial) = self.set.get(name) else {
            return Err(format!("there is no partial `{name}`").into());
        };
        if self.inside.iter().any(|outer| outer == name) {
            let circle = self.inside.join(" > ");
            return Err(format!("partials include each other for ever: {circle} > {name}").into());
        }
        if self.inside.len() >= DEPTH_MAX {
            return Err(format!("partials lie more than {DEPTH_MAX} deep").into());
        }
        if with_block && let Some(block) = &call.template {
            self.template(block)?;
        }
        let value = match call.params.as_slice() {
            [] => self.scopes.last().and_then(|scope| scope.value),
            [parameter] => self.value(parameter)?,
            _ => return Err("a partial takes one value and names".to_owned().into()),
        };
        let mut names = Vec::new();
        for (name, parameter) in &call.hash {
            names.push((name.clone(), self.value(parameter)?));
        }
        let in_list = self.scopes.last().is_some_and(|scope| scope.in_list);
        self.scopes.push(Scope {
            value,
            names,
            in_list,
        });
        self.inside.push(name.to_owned());
        self.blocks += usize::from(with_block);
        let result = self.template(partial);
        self.blocks -= usize::from(with_block);
        self.inside.pop();
        self.scopes.pop();
        Ok(result?)
    }

    /// What a parameter stands for; `None` when that is a value without parts.
    fn value(&self, parameter: &'a Parameter) -> Checked<Option<&'a Json>> {
        match parameter {
            Parameter::Literal(_) => Ok(None),
            Parameter::Subexpression(inner) => match inner.as_element() {
                TemplateElement::Expression(call) => self.call(call).map(|()| None),
                _ => Err("this cannot stand in parentheses".to_owned()),
            },
            Parameter::Path(Path::Local((level, name, _))) => self.local(*level, name),
            Parameter::Path(_) | Parameter::Name(_) => {
                self.path(parameter.as_name().unwrap_or_default())
            }
            _ => Err("this cannot be checked".to_owned()),
        }
    }

    fn local(&self, level: usize, name: &str) -> Checked<Option<&'a Json>> {
        let scope = self.scopes.iter().rev().nth(level);
        if LOCALS.contains(&name) && scope.is_some_and(|scope| scope.in_list) {
            Ok(None)
        } else {
            Err(format!("`@{name}` is not known here"))
        }
    }

    fn path(&self, raw: &str) -> Checked<Option<&'a Json>> {
        let unknown = || format!("there is no variable `{raw}` here");
        let mut rest = raw.strip_prefix("./").unwrap_or(raw);
        let mut up = 0;
        while let Some(tail) = rest.strip_prefix("../") {
            up += 1;
            rest = tail;
        }
        let from_root = rest
            .strip_prefix("@root")
            .and_then(|tail| tail.strip_prefix(['/', '.']));
        let mut parts = from_root
            .unwrap_or(rest)
            .split(['/', '.'])
            .filter(|part| *part != "this")
            .peekable();
        let mut value = match (from_root, self.scopes.iter().rev().nth(up)) {
            (Some(_), _) => Some(self.root),
            (None, Some(scope)) => scope.value,
            (None, None) => return Err(unknown()),
        };
        // As handlebars does: names given by a call win over parts of the value.
        let named = parts.peek().filter(|_| up == 0 && from_root.is_none());
        let given = named.and_then(|part| {
            let mut names = self.scopes.iter().rev().flat_map(|scope| &scope.names);
            names.find(|(name, _)| name == part)
        });
        if let Some((_, given)) = given {
            value = *given;
            parts.next();
        }
        for part in parts {
            value = match value {
                Some(Json::Object(object)) => Some(object.get(part).ok_or_else(unknown)?),
                _ => return Err(unknown()),
            };
        }
        Ok(value)
    }
}

/// Something is wrong at the element that is read, or in a template below it, where the place is known already.
enum Problem {
    Here(String),
    Below(TemplateError),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Here(reason)
    }
}

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        Self::Below(error)
    }
}
