//! Content negotiation: which of our media types the client wants most.

use axum::http::{HeaderMap, HeaderName};

/// A form of a single answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: 200 for everything that is about the document.
    Json,
    /// `application/graphql-response+json`: statuses say what happened.
    GraphqlResponse,
}

impl Media {
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// What the client can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// The best form of a single answer.
    pub(super) json: Option<Media>,
    /// Whether it asked for an event stream by name.
    pub(super) events: bool,
    /// Whether a page is what it wants most: a browser's address bar.
    pub(super) page: bool,
}

impl Accepted {
    /// By the `Accept` headers; without one, `application/json`.
    pub(super) fn of(headers: &HeaderMap, name: HeaderName) -> Self {
        let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        if values.iter().all(|value| value.trim().is_empty()) {
            return Self { json: Some(Media::Json), events: false, page: false };
        }
        let ranges: Vec<(String, u32)> = values.iter().flat_map(|value| value.split(',')).filter_map(range).collect();
        // The most specific range that covers a type decides its weight.
        let weight = |exact: &str| {
            let group = exact.split('/').next().unwrap_or_default();
            let wild = format!("{group}/*");
            [exact, &wild, "*/*"].iter().find_map(|wanted| ranges.iter().find(|(range, _)| range == wanted)).map_or(0, |(_, q)| *q)
        };
        let named = |exact: &str| ranges.iter().find(|(range, _)| range == exact).map_or(0, |(_, q)| *q);
        let (json, response) = (weight("application/json"), weight("application/graphql-response+json"));
        let best = match (json, response) {
            (0, 0) => None,
            // Named beside each other, the stricter form wins; a wildcard means the traditional one.
            (json, response) if response > json || (response == json && named("application/graphql-response+json") > 0) => {
                Some(Media::GraphqlResponse)
            }
            _ => Some(Media::Json),
        };
        let html = named("text/html");
        let page = html > 0 && html >= named("application/json") && html >= named("application/graphql-response+json");
        Self { json: best, events: named("text/event-stream") > 0, page }
    }
}

/// `text/html;q=0.8` → `("text/html", 800)`.
fn range(text: &str) -> Option<(String, u32)> {
    let mut pieces = text.split(';').map(str::trim);
    let range = pieces.next().filter(|range| range.contains('/'))?.to_ascii_lowercase();
    let q = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q="))).map_or(1_000, thousandths);
    Some((range, q))
}

/// `0.85` → 850; what is no weight counts as none.
fn thousandths(text: &str) -> u32 {
    let value: f64 = text.trim().parse().unwrap_or(0.0);
    if !(0.0..=1.0).contains(&value) {
        return 0;
    }
    (0..=1_000).rev().find(|n| f64::from(*n) <= value * 1_000.0 + 0.000_1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::ACCEPT};

    use super::*;

    fn accept(value: &str) -> Accepted {
        Accepted::of(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(value).unwrap())]), ACCEPT)
    }

    #[test]
    fn the_best_form_is_chosen_by_weight_and_then_by_strictness() {
        use Media::{GraphqlResponse, Json};
        for (value, json) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("application/json; charset=utf-8", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json, application/json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json; q=0.5, application/json", Some(Json)),
            ("application/graphql-response+json; q=0, */*", Some(Json)),
            ("application/json;q=0.1, */*;q=0.01", Some(Json)),
            ("APPLICATION/JSON", Some(Json)),
            ("application/json;q=0", None),
            ("application/json;q=nonsense", None),
            ("text/plain, image/png", None),
            ("text/event-stream", None),
            ("nonsense", None),
        ] {
            assert_eq!(accept(value).json, json, "{value}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new(), ACCEPT).json, Some(Json));
    }

    #[test]
    fn events_are_asked_for_by_name_and_pages_by_browsers() {
        assert!(accept("application/json, text/event-stream").events);
        assert!(!accept("*/*").events && !accept("text/event-stream;q=0").events);
        assert!(accept("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").page);
        assert!(!accept("application/json, text/html;q=0.5").page && !accept("*/*").page);
    }
}
