//! What staff may promise, and that a promise made is kept.

use entity::campaign::group_buy::GroupBuyState;
use kernel::{Failure, LocalizedText, Refusal, SkuId, days, hours};
use uuid::Uuid;

use super::shop::{Shop, draft, terms};
use crate::group_buy::{
    campaigns::{self, Draft},
    query,
    rules::{
        campaign::{Step, Window},
        team::WhenFull,
    },
    service::{self, JoinTeam},
};

async fn state(shop: &Shop) -> GroupBuyState {
    query::campaign(&shop.op(), shop.campaign).await.expect("reads").expect("is there").row.state
}

#[tokio::test]
async fn a_campaign_nobody_could_keep_is_not_written() {
    let shop = Shop::opens().await;
    let sound = draft(&shop.op(), terms(shop.sku)).await;
    type Spoil = fn(&mut Draft);
    let spoils: [(Spoil, &str); 6] = [
        (|d| d.title = LocalizedText::default(), "GROUP_BUY_TITLE_INVALID"),
        (|d| d.title = LocalizedText::new("长".repeat(121), ""), "GROUP_BUY_TITLE_INVALID"),
        (|d| d.window.ends_at = d.window.starts_at, "GROUP_BUY_WINDOW_INVALID"),
        (|d| d.terms.prices.iter_mut().for_each(|p| p.minor = 7_900), "GROUP_BUY_PRICE_NOT_LOWER"),
        (|d| d.terms.prices.iter_mut().for_each(|p| p.sku = SkuId(Uuid::from_u128(1))), "GROUP_BUY_SKU_FOREIGN"),
        (|d| d.terms.team_hours = 0, "GROUP_BUY_TEAM_HOURS_INVALID"),
    ];
    for (spoil, code) in spoils {
        let mut spoilt = sound.clone();
        spoil(&mut spoilt);
        let Err(Failure::Refused(refused)) = campaigns::create(&shop.op(), spoilt).await else { panic!("{code}") };
        assert_eq!(refused.code(), code);
    }
}

#[tokio::test]
async fn a_campaign_begins_and_ends_by_the_clock() {
    let shop = Shop::opens().await;
    let now = shop.op().now();
    // The shop's own campaign sells the SKU: two at once are refused.
    campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("is ended");
    let later = Draft { window: Window { starts_at: now + hours(1), ends_at: now + days(1) }, ..draft(&shop.op(), terms(shop.sku)).await };
    let id = campaigns::create(&shop.op(), later).await.expect("is written");
    let state = async || query::campaign(&shop.op(), id).await.expect("reads").expect("is there").row.state;
    assert!(query::public_campaign(&shop.op(), id).await.expect("reads").is_none(), "a draft is nobody's business");
    campaigns::step(&shop.op(), id, Step::Publish).await.expect("is published");
    assert_eq!(state().await, GroupBuyState::Scheduled);
    shop.advance(hours(1)).await;
    assert_eq!(state().await, GroupBuyState::Running);
    shop.advance(days(1)).await;
    assert_eq!(state().await, GroupBuyState::Ended);
}

/// Race 7, through every layer: the campaign is edited while a team gathers.
#[tokio::test]
async fn an_edited_campaign_keeps_what_it_promised_to_a_gathering_team() {
    let shop = Shop::opens().await;
    let team = shop.leads(0, 3).await;
    let mut dearer = draft(&shop.op(), terms(shop.sku)).await;
    dearer.terms.prices.iter_mut().for_each(|price| price.minor += 1_000);
    dearer.terms.team_hours = 1;
    campaigns::update(&shop.op(), shop.campaign, dearer).await.expect("is edited");
    shop.advance(hours(2)).await;
    let second = shop.joins_and_pays(1, team.team).await;
    shop.joins_and_pays(2, team.team).await;
    assert_eq!(shop.bank.balance(), 4_400 + 4_900 + 4_900);
    assert_eq!(shop.seat(second).await.state, entity::campaign::group_buy_seat::SeatState::Confirmed);
    shop.leads(3, 3).await;
    assert_eq!(shop.bank.balance(), 4_400 + 4_900 + 4_900 + 5_400, "a new team pays the new price");
}

#[tokio::test]
async fn a_leaders_quote_made_before_an_edit_is_refused() {
    let shop = Shop::opens().await;
    let purchase = shop.purchase(0, (None, Some(3)), WhenFull::Refund).await;
    let mut dearer = draft(&shop.op(), terms(shop.sku)).await;
    dearer.terms.prices.iter_mut().for_each(|price| price.minor += 1_000);
    campaigns::update(&shop.op(), shop.campaign, dearer).await.expect("is edited");
    let wanted = service::OpenTeam { group_buy: shop.campaign, size: Some(3), purchase };
    let Err(Failure::Refused(refused)) = service::open(&shop.by(0), wanted).await else { panic!("the price changed") };
    assert_eq!(refused.code(), "ORDER_PRICE_CHANGED");
}

#[tokio::test]
async fn a_pause_lets_nobody_in_and_nobody_down() {
    let shop = Shop::opens().await;
    let team = shop.leads(0, 2).await;
    let held = shop.joins(1, team.team, WhenFull::Refund).await.expect("a seat");
    let other = shop.leads(2, 2).await;
    let purchase = shop.purchase(3, (Some(other.team), None), WhenFull::Refund).await;
    for _ in 0..2 {
        campaigns::step(&shop.op(), shop.campaign, Step::Pause).await.expect("is paused");
    }
    assert_eq!(state(&shop).await, GroupBuyState::Paused);
    let wanted = JoinTeam { team: other.team, purchase };
    let Err(Failure::Refused(refused)) = service::join(&shop.by(3), wanted.clone()).await else { panic!("is paused") };
    assert_eq!(refused.code(), "GROUP_BUY_NOT_SELLING");
    shop.pays(1, held.order).await;
    assert_eq!(shop.team(team.team).await.state, entity::campaign::group_buy_team::TeamState::Formed);
    campaigns::step(&shop.op(), shop.campaign, Step::Resume).await.expect("goes on");
    service::join(&shop.by(3), wanted).await.expect("the same key, refused before, may succeed now");
}

#[tokio::test]
async fn the_end_of_a_campaign_is_not_the_end_of_its_teams() {
    let shop = Shop::opens().await;
    let team = shop.leads(0, 2).await;
    campaigns::step(&shop.op(), shop.campaign, Step::End).await.expect("is ended");
    let op = shop.by(5);
    let play =
        trade::quote::PlayRef { kind: crate::group_buy::KIND.to_owned(), id: shop.campaign.to_string(), team: None, team_size: Some(2) };
    let lines = vec![trade::quote::service::WantedLine { sku: shop.sku, quantity: 1 }];
    let new = trade::quote::service::NewQuote { lines, play: Some(play), ..Default::default() };
    let Err(Failure::Refused(refused)) = trade::quote::service::create(&op, new).await else { panic!("is over") };
    assert_eq!(refused.code(), "GROUP_BUY_NOT_SELLING");
    shop.joins_and_pays(1, team.team).await;
    assert_eq!(shop.team(team.team).await.state, entity::campaign::group_buy_team::TeamState::Formed);
}
