//! The closed list of `extensions.code` of this API, and the rejection that carries one.

use axum::http::StatusCode;
use kernel::Locale;
use serde_json::{Map, Value, json};

/// Declares the codes with their wire form, HTTP status and the sentence in both languages.
macro_rules! codes { ($($(#[$doc:meta])* $name:ident = $wire:literal, $status:ident, $zh:literal, $en:literal;)*) => {
    /// Why a request as a whole was not served, or why a field failed. No other code ever leaves the server.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Code { $($(#[$doc])* $name),* }

    impl Code {
        /// Every code.
        pub const ALL: &'static [Self] = &[$(Self::$name),*];

        /// The text in `extensions.code`.
        pub const fn as_str(self) -> &'static str {
            match self { $(Self::$name => $wire),* }
        }

        /// The status of an HTTP answer that holds nothing but this error.
        pub const fn status(self) -> StatusCode {
            match self { $(Self::$name => StatusCode::$status),* }
        }

        /// The sentence for people.
        pub const fn sentence(self, locale: Locale) -> &'static str {
            match (self, locale) { $((Self::$name, Locale::ZhCn) => $zh, (Self::$name, Locale::En) => $en),* }
        }
    }
}; }

codes! {
    /// The request is not of the agreed form.
    BadRequest = "BAD_REQUEST", BAD_REQUEST, "请求格式不正确", "The request is malformed";
    /// An argument's value is not right; `extensions.reason` says which rule.
    BadUserInput = "BAD_USER_INPUT", BAD_REQUEST, "参数不正确", "Something in the input is not right";
    /// The document is not GraphQL.
    ParseFailed = "GRAPHQL_PARSE_FAILED", BAD_REQUEST, "GraphQL 文档无法解析", "The document is not GraphQL";
    /// The document does not fit the schema.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED", BAD_REQUEST, "GraphQL 文档与模式不符", "The document does not fit the schema";
    /// No valid access token.
    Unauthenticated = "UNAUTHENTICATED", UNAUTHORIZED, "请先登录", "Sign in first";
    /// The caller may not do this.
    Forbidden = "FORBIDDEN", FORBIDDEN, "没有权限", "You may not do this";
    /// There is nothing of that name.
    NotFound = "NOT_FOUND", NOT_FOUND, "没有找到", "There is no such thing";
    /// A mutation by GET, or another method than GET and POST.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED, "不支持该请求方法", "The method is not allowed here";
    /// The client accepts none of our media types.
    NotAcceptable = "NOT_ACCEPTABLE", NOT_ACCEPTABLE, "无法提供所要求的响应格式", "None of the accepted media types can be served";
    /// The body is not `application/json` in UTF-8.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE, "请求体必须是 UTF-8 的 application/json", "The body must be application/json in UTF-8";
    /// The body or the document is larger than allowed.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE, "请求内容过大", "The request is too large";
    /// The operation costs more than one operation may.
    TooComplex = "TOO_COMPLEX", BAD_REQUEST, "查询过于复杂", "The operation is too complex";
    /// The operation nests deeper than allowed.
    TooDeep = "TOO_DEEP", BAD_REQUEST, "查询嵌套过深", "The operation nests too deeply";
    /// The operation renames more fields than allowed.
    TooManyAliases = "TOO_MANY_ALIASES", BAD_REQUEST, "别名过多", "The operation has too many aliases";
    /// The operation asks for more root fields than allowed.
    TooManyRootFields = "TOO_MANY_ROOT_FIELDS", BAD_REQUEST, "根字段过多", "The operation has too many root fields";
    /// The socket runs as many operations as it may.
    TooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS", TOO_MANY_REQUESTS, "订阅数量已达上限", "Too many operations run on this connection";
    /// The caller or their address holds as many connections as it may.
    TooManyConnections = "TOO_MANY_CONNECTIONS", TOO_MANY_REQUESTS, "连接数量已达上限", "Too many connections are open";
    /// The caller used up their allowance.
    RateLimited = "RATE_LIMITED", TOO_MANY_REQUESTS, "请求过于频繁，请稍后再试", "Too many requests; try again later";
    /// Only registered documents run here, and this is none.
    DocumentNotTrusted = "DOCUMENT_NOT_TRUSTED", FORBIDDEN, "该文档未登记", "The document is not registered";
    /// The server is stopping or a part it needs is away.
    Unavailable = "UNAVAILABLE", SERVICE_UNAVAILABLE, "服务暂时不可用，请稍后再试", "The service is not available; try again";
    /// Something broke on our side.
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR, "服务器内部错误", "Something went wrong on our side";
}

impl Code {
    /// Whether a well-formed request earned it, so that `application/json` answers 200 as the specification asks.
    pub const fn is_about_the_document(self) -> bool {
        matches!(
            self,
            Self::ParseFailed | Self::ValidationFailed | Self::TooComplex | Self::TooDeep | Self::TooManyAliases | Self::TooManyRootFields
        )
    }

    /// The code of that wire form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

/// A request that is not served: one GraphQL error.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// For programs.
    pub code: Code,
    /// What exactly is wrong, in English for developers; the localised sentence of the code precedes it.
    pub detail: Option<String>,
    /// What else helps, as members of `extensions`.
    pub extensions: Map<String, Value>,
}

impl Rejection {
    /// Just the code.
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, extensions: Map::new() }
    }

    /// The code and what exactly is wrong.
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code) }
    }

    /// With one more member of `extensions`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(key.into(), value.into());
        self
    }

    /// The message a person reads.
    pub fn message(&self, locale: Locale) -> String {
        let sentence = self.code.sentence(locale);
        match (&self.detail, locale) {
            (None, _) => sentence.into(),
            (Some(detail), Locale::ZhCn) => format!("{sentence}：{detail}"),
            (Some(detail), Locale::En) => format!("{sentence}: {detail}"),
        }
    }

    /// The GraphQL error.
    pub fn error(&self, locale: Locale, request_id: &str) -> Value {
        let mut extensions = self.extensions.clone();
        extensions.insert("code".into(), self.code.as_str().into());
        extensions.insert("requestId".into(), request_id.into());
        json!({ "message": self.message(locale), "extensions": extensions })
    }

    /// The whole answer: `errors` and no `data`.
    pub fn body(&self, locale: Locale, request_id: &str) -> Value {
        json!({ "errors": [self.error(locale, request_id)] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_wire_form_and_speaks_both_languages() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
            assert_ne!(code.sentence(Locale::ZhCn), code.sentence(Locale::En));
        }
        assert_eq!(Code::parse("NEW"), None);
    }

    #[test]
    fn a_rejection_says_code_request_and_reason() {
        let error = Rejection::because(Code::TooDeep, "17 levels").with("limit", 15).error(Locale::En, "r1");
        assert_eq!(
            error,
            json!({ "message": "The operation nests too deeply: 17 levels", "extensions": { "code": "TOO_DEEP", "limit": 15, "requestId": "r1" } })
        );
    }
}
