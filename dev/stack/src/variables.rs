use std::collections::HashMap;

use local_aws::Template;
use settings::Environment;

use crate::failure::Failure;

/// Variables that Lambda or a developer, not the template, gives every function.
const GIVEN: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "PAGE_FOLDER",
    "SSL_CERT_FILE",
];

/// What each function is given.
pub(crate) struct Variables {
    names: HashMap<String, Vec<String>>,
    settings: Environment,
}

impl Variables {
    pub(crate) fn new(template: &Template, settings: Environment) -> Result<Self, Failure> {
        let mut names: HashMap<_, _> = template.variables()?.into_iter().collect();
        // Where the template gives the ARN of a secret, the secret is given directly.
        let secrets: Vec<_> =
            all_functions::settings().into_iter().filter(|it| it.secret).collect();
        for names in names.values_mut() {
            let given = secrets.iter().filter(|it| names.contains(&format!("{}_ARN", it.name)));
            let given: Vec<_> = given.map(|setting| setting.name.to_owned()).collect();
            names.extend(given);
        }
        Ok(Self { names, settings })
    }

    /// The variables of one function: a setting that the template forgets is
    /// missing here, too.
    pub(crate) fn of(&self, function: &str) -> Environment {
        self.pairs(self.names.get(function).into_iter().flatten())
    }

    /// The variables of all functions together.
    pub(crate) fn of_all(&self) -> Environment {
        self.pairs(self.names.values().flatten())
    }

    fn pairs<'a>(&self, names: impl Iterator<Item = &'a String>) -> Environment {
        let names = names.map(String::as_str).chain(GIVEN);
        Environment::of(names.filter_map(|name| Some((name, self.settings.text(name)?))))
    }
}
