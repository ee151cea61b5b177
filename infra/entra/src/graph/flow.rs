//! User flows: `externalUsersSelfServiceSignUpEventsFlow`.

use serde::{Deserialize, Serialize};

/// A user flow.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Flow {
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    /// The client ids of the applications that use it; another request reads them.
    #[serde(skip)]
    pub(crate) applications: Vec<String>,
}

/// An application that uses a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FlowApplication {
    #[serde(rename = "@odata.type", skip_deserializing)]
    kind: &'static str,
    #[serde(rename = "appId")]
    pub(crate) app_id: String,
}

impl FlowApplication {
    pub(crate) fn new(app_id: &str) -> Self {
        let kind = "#microsoft.graph.authenticationConditionApplication";
        Self { kind, app_id: app_id.to_owned() }
    }
}

/// A flow to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewFlow {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    display_name: String,
    description: String,
    on_authentication_method_load_start: Methods,
    on_interactive_auth_flow_start: Start,
    on_attribute_collection: Collection,
    on_user_create_start: UserCreation,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Methods {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    identity_providers: Vec<IdentityProvider>,
}

#[derive(Debug, Serialize)]
struct IdentityProvider {
    id: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    is_sign_up_allowed: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    attributes: Vec<Attribute>,
    attribute_collection_page: CollectionPage,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    id: &'static str,
    display_name: &'static str,
    description: &'static str,
    user_flow_attribute_type: &'static str,
    data_type: &'static str,
}

#[derive(Debug, Serialize)]
struct CollectionPage {
    views: Vec<View>,
}

#[derive(Debug, Serialize)]
struct View {
    inputs: Vec<Input>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "Graph's own")]
#[allow(clippy::struct_field_names, reason = "Graph's own")]
struct Input {
    attribute: &'static str,
    label: &'static str,
    input_type: &'static str,
    hidden: bool,
    editable: bool,
    write_to_directory: bool,
    required: bool,
    validation_reg_ex: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UserCreation {
    #[serde(rename = "@odata.type")]
    kind: &'static str,
    user_type_to_create: &'static str,
}

impl NewFlow {
    /// Sign-up and sign-in with e-mail and password, as the first example of the documentation has
    /// it ("Create authenticationEventsFlow"); only the name of a user may have any characters.
    pub(crate) fn email_and_password(display_name: String, description: String) -> Self {
        Self {
            kind: "#microsoft.graph.externalUsersSelfServiceSignUpEventsFlow",
            display_name,
            description,
            on_authentication_method_load_start: Methods {
                kind: "#microsoft.graph.onAuthenticationMethodLoadStartExternalUsersSelfServiceSignUp",
                identity_providers: vec![IdentityProvider { id: "EmailPassword-OAUTH" }],
            },
            on_interactive_auth_flow_start: Start {
                kind: "#microsoft.graph.onInteractiveAuthFlowStartExternalUsersSelfServiceSignUp",
                is_sign_up_allowed: true,
            },
            on_attribute_collection: Collection {
                kind: "#microsoft.graph.onAttributeCollectionExternalUsersSelfServiceSignUp",
                attributes: vec![
                    attribute("email", "Email Address", "Email address of the user"),
                    attribute("displayName", "Display Name", "Display Name of the User."),
                ],
                attribute_collection_page: CollectionPage {
                    views: vec![View { inputs: vec![email(), display_name_input()] }],
                },
            },
            on_user_create_start: UserCreation {
                kind: "#microsoft.graph.onUserCreateStartExternalUsersSelfServiceSignUp",
                user_type_to_create: "member",
            },
        }
    }
}

fn attribute(id: &'static str, display_name: &'static str, description: &'static str) -> Attribute {
    let (user_flow_attribute_type, data_type) = ("builtIn", "string");
    Attribute { id, display_name, description, user_flow_attribute_type, data_type }
}

/// Hidden, because the user has proven it a moment before.
fn email() -> Input {
    Input {
        attribute: "email",
        label: "Email Address",
        input_type: "text",
        hidden: true,
        editable: false,
        write_to_directory: true,
        required: true,
        validation_reg_ex: r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$",
    }
}

fn display_name_input() -> Input {
    Input {
        attribute: "displayName",
        label: "Display Name",
        input_type: "text",
        hidden: false,
        editable: true,
        write_to_directory: true,
        required: false,
        validation_reg_ex: "^.*",
    }
}
