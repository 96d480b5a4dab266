//! Templates that may include each other: added by file, rendered by name, strict about what is missing.
//!
//! A set is compiled once. Errors name the file. Whether the templates are right is for `check` to say.

use std::collections::HashMap;

use handlebars::{Context, Handlebars, Template};

use super::TemplateError;
use super::helpers;
use super::inline::inline;
use super::language::Strings;
use super::theme::Theme;
use super::unfold::unfold;

/// Templates of one language and one way of escaping.
pub struct Set {
    templates: Handlebars<'static>,
    /// The file of each template.
    files: HashMap<String, String>,
    /// Those of our helpers that make sense here: `quote` prints without escaping, so it is no good in HTML.
    ours: &'static [&'static str],
}

impl Set {
    /// An empty set that escapes what it prints with `escape` and writes numbers with the words of a language.
    pub fn new(
        escape: fn(&str) -> String,
        ours: &'static [&'static str],
        strings: &Strings,
    ) -> Self {
        let mut templates = Handlebars::new();
        templates.set_strict_mode(true);
        templates.set_prevent_indent(true);
        templates.register_escape_fn(escape);
        helpers::register(&mut templates, strings);
        Self {
            templates,
            files: HashMap::new(),
            ours,
        }
    }

    /// Adds a template or partial in place of one with the same name. The error is one of syntax.
    pub fn add(&mut self, name: &str, file: &str, text: &str) -> Result<(), TemplateError> {
        let text = text.replace("\r\n", "\n");
        self.templates
            .register_template_string(name, &text)
            .map_err(|error| {
                let line = error.pos().map(|(line, _)| line);
                TemplateError::new(file, line, error.reason().to_string())
            })?;
        self.files.insert(name.to_owned(), file.to_owned());
        Ok(())
    }

    /// Makes the set faster to render, once it was checked.
    pub fn unfold(&mut self) {
        unfold(&mut self.templates);
    }

    /// Puts the style sheet of each template into its tags, once partials are in place. Partials alone have no
    /// slash in their name and are not written.
    pub fn inline(&mut self, theme: &Theme) -> Result<(), TemplateError> {
        let whole = self.templates.get_templates().iter();
        let inlined: Vec<(String, Result<Template, String>)> = whole
            .filter(|(name, _)| name.contains('/'))
            .map(|(name, template)| (name.clone(), inline(template, theme)))
            .collect();
        for (name, template) in inlined {
            let template = template.map_err(|reason| self.error(&name, None, reason))?;
            self.templates.register_template(&name, template);
        }
        Ok(())
    }

    /// Renders a template of the set that was checked.
    pub fn render(&self, name: &str, seen: &Context) -> Result<String, TemplateError> {
        self.templates
            .render_with_context(name, seen)
            .map_err(|error| {
                let place = error.template_name.as_deref().unwrap_or(name);
                self.error(place, error.line_no, error.reason().to_string())
            })
    }

    /// An error in a template of the set, by the file it is in.
    pub fn error(&self, name: &str, line: Option<usize>, reason: String) -> TemplateError {
        TemplateError::new(self.file(name), line, reason)
    }

    /// A template or partial by name.
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get_template(name)
    }

    /// The file a template is in, by its path below the folder of templates.
    pub fn file<'a>(&'a self, name: &'a str) -> &'a str {
        self.files.get(name).map_or(name, String::as_str)
    }

    /// Our helpers that may be called here.
    pub fn ours(&self) -> &'static [&'static str] {
        self.ours
    }
}
