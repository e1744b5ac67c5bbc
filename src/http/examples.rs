//! What GraphiQL opens with.

use super::graphiql::Example;

/// For shoppers.
pub(super) const SHOP: &[Example] = &[Example {
    query: "# What is on the shelves, in the language of your browser.\nquery Shelves {\n  categories {\n    id\n    name\n  }\n  serverTime\n}\n",
    variables: "",
    headers: "",
}];

/// For staff.
pub(super) const ADMIN: &[Example] = &[Example {
    query: "# Sign in with the account `make run` printed, then put the token into the headers below.\nmutation SignIn {\n  staffSignIn(input: {email: \"demo@liebian.example\", password: \"…\"}) {\n    session {\n      accessToken\n    }\n    userErrors {\n      code\n      message\n    }\n  }\n}\n",
    variables: "",
    headers: "{\"authorization\": \"Bearer …\"}",
}];
