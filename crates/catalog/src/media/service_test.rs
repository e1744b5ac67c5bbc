//! Uploads on a real database and a storage in memory.

use kernel::{Failure, PageRequest, minutes};

use super::{
    rules::{MOST_BYTES, Refused, tests::png},
    service::{self, BeginUpload, UPLOAD_PATH},
};
use crate::fixtures::mall;

fn announced(content_type: &str, bytes: usize) -> BeginUpload {
    BeginUpload { file_name: "茶.png".into(), content_type: content_type.into(), bytes: i64::try_from(bytes).expect("small") }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Failure<Refused>>) -> Refused {
    match result {
        Err(Failure::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_announced_picture_is_stored_once_under_its_digest() {
    let (_test, op) = mall().await;
    let bytes = png(640, 480);
    let ticket = service::begin(&op, announced("image/png", bytes.len())).expect("begins");
    let token = ticket.upload_url.strip_prefix(UPLOAD_PATH).and_then(|rest| rest.strip_prefix('/')).expect("a path");
    assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "fits an address");
    let media = service::store_upload(&op, token, "image/png", bytes.clone()).await.expect("is stored");
    let again = service::store_upload(&op, token, "image/png", bytes.clone()).await.expect("is stored already");
    assert_eq!((media.id, &media.url), (ticket.media, &again.url));
    assert_eq!((media.width, media.height), (Some(640), Some(480)));
    let key = media.url.strip_prefix("/media/").expect("the storage's base");
    assert_eq!(op.platform.storage.get(key).await.expect("reads"), Some(bytes));
    assert_eq!(service::by_ids(&op, &[media.id, op.new_id()]).await.expect("reads").len(), 1);
    assert_eq!(service::page(&op, PageRequest { first: 10, after: None }).await.expect("lists").rows.len(), 1);
}

#[tokio::test]
async fn what_was_not_announced_is_refused() {
    let (test, op) = mall().await;
    let bytes = png(64, 64);
    let ticket = service::begin(&op, announced("image/png", bytes.len())).expect("begins");
    let token = ticket.upload_url.trim_start_matches(UPLOAD_PATH).trim_start_matches('/').to_owned();
    let mut forged = token.clone();
    forged.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    for (token, content_type, bytes, refused) in [
        (forged.as_str(), "image/png", bytes.clone(), Refused::Token),
        ("", "image/png", bytes.clone(), Refused::Token),
        ("🍵", "image/png", bytes.clone(), Refused::Token),
        (&token, "image/jpeg", bytes.clone(), Refused::Type),
        (&token, "image/svg+xml", bytes.clone(), Refused::Type),
        (&token, "image/png", [bytes.as_slice(), &[0]].concat(), Refused::Size),
        (&token, "image/png", vec![0; bytes.len()], Refused::Type),
    ] {
        assert_eq!(refusal(service::store_upload(&op, token, content_type, bytes).await), refused);
    }
    test.clock.advance(minutes(16));
    assert_eq!(refusal(service::store_upload(&op, &token, "image/png", bytes).await), Refused::Token);
    for (upload, refused) in [
        (announced("image/svg+xml", 10), Refused::Type),
        (announced("image/png", 0), Refused::Size),
        (announced("image/png", MOST_BYTES + 1), Refused::Size),
        (BeginUpload { bytes: -1, ..announced("image/png", 1) }, Refused::Size),
        (BeginUpload { file_name: " ".into(), ..announced("image/png", 1) }, Refused::FileName),
        (BeginUpload { file_name: "a\nb".into(), ..announced("image/png", 1) }, Refused::FileName),
    ] {
        assert_eq!(refusal(service::begin(&op, upload)), refused);
    }
}
