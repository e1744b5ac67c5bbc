//! What every play does in the same way, in one small mall: its SKU is one play's at a time, its rules are fixed once they
//! are published, what it asks is kept, and a preview says what it costs.

use std::collections::HashMap;

use catalog::prices::service::{Span, history};
use kernel::{
    BargainId, CrowdfundingId, Currency, Failure, FlashSaleId, GroupBuyId, Locale, LocalizedText, Money, PresaleId, Refusal, days,
};
use sea_orm::EntityTrait;

use super::{
    preview::PreviewLine,
    rules::{Step, Window},
};
use crate::{bargain, crowdfunding, flash_sale, group_buy, group_buy::tests::shop::Shop, presale};

/// A play of some kind.
#[derive(Clone, Copy, Debug)]
enum Play {
    GroupBuy(GroupBuyId),
    Bargain(BargainId),
    FlashSale(FlashSaleId),
    Presale(PresaleId),
    Crowdfunding(CrowdfundingId),
}

/// The same words for whichever play it is.
macro_rules! of {
    ($play:expr, |$id:pat_param, $commands:ident| $body:expr) => {
        match $play {
            Play::GroupBuy($id) => {
                use group_buy::campaigns as $commands;
                $body
            }
            Play::Bargain($id) => {
                use bargain::campaigns as $commands;
                $body
            }
            Play::FlashSale($id) => {
                use flash_sale::sales as $commands;
                $body
            }
            Play::Presale($id) => {
                use presale::campaigns as $commands;
                $body
            }
            Play::Crowdfunding($id) => {
                use crowdfunding::campaigns as $commands;
                $body
            }
        }
    };
}

/// A refusal, as its code and its sentence.
type Told<T> = Result<T, (&'static str, String)>;

fn told<T, R: Refusal>(done: Result<T, Failure<R>>) -> Told<T> {
    done.map_err(|failure| match failure {
        Failure::Refused(refused) => (refused.code(), platform::messages::message(Locale::En, refused.code(), &refused.detail())),
        Failure::Fault(fault) => panic!("{fault}"),
    })
}

/// Writes a draft of every kind on the shop's SKU, each under its own name.
async fn drafts(shop: &Shop) -> Vec<(&'static str, Play)> {
    let (op, title) = (shop.op(), |name: &str| LocalizedText::new(name, name));
    let mut of_group = group_buy::tests::shop::draft(&op, group_buy::tests::shop::terms(shop.sku)).await;
    of_group.title = title("Tea for three");
    let mut of_friends = bargain::tests::shop::draft(&op, bargain::rules::terms::tests::terms(shop.sku)).await;
    of_friends.title = title("Cut by friends");
    let mut on_the_hour = flash_sale::tests::shop::draft(&op, flash_sale::tests::shop::terms(shop.sku, 3));
    (on_the_hour.title, on_the_hour.window.starts_at) = (title("On the hour"), op.now());
    let mut ahead = presale::tests::draft(shop).await;
    ahead.title = title("Ahead of time");
    let (goal, funding) = (crowdfunding::rules::Goal::Amount(12_000), crowdfunding::rules::Funding::AllOrNothing);
    let mut together = crowdfunding::tests::draft(shop, goal, funding).await;
    together.title = title("Made together");
    vec![
        ("Tea for three", Play::GroupBuy(told(group_buy::campaigns::create(&op, of_group).await).expect("is written"))),
        ("Cut by friends", Play::Bargain(told(bargain::campaigns::create(&op, of_friends).await).expect("is written"))),
        ("On the hour", Play::FlashSale(told(flash_sale::sales::create(&op, on_the_hour).await).expect("is written"))),
        ("Ahead of time", Play::Presale(told(presale::campaigns::create(&op, ahead).await).expect("is written"))),
        ("Made together", Play::Crowdfunding(told(crowdfunding::campaigns::create(&op, together).await).expect("is written"))),
    ]
}

async fn takes(shop: &Shop, play: Play, step: Step) -> Told<()> {
    of!(play, |id, commands| told(commands::step(&shop.op(), id, step).await).map(|_| ()))
}

async fn copied(shop: &Shop, play: Play) -> Play {
    let op = shop.op();
    match play {
        Play::GroupBuy(id) => Play::GroupBuy(told(group_buy::campaigns::copy(&op, id).await).expect("is copied")),
        Play::Bargain(id) => Play::Bargain(told(bargain::campaigns::copy(&op, id).await).expect("is copied")),
        Play::FlashSale(id) => Play::FlashSale(told(flash_sale::sales::copy(&op, id).await).expect("is copied")),
        Play::Presale(id) => Play::Presale(told(presale::campaigns::copy(&op, id).await).expect("is copied")),
        Play::Crowdfunding(id) => Play::Crowdfunding(told(crowdfunding::campaigns::copy(&op, id).await).expect("is copied")),
    }
}

/// Writes the play anew, as it is.
async fn edited(shop: &Shop, play: Play) -> Told<()> {
    let op = shop.op();
    let draft = |minor| {
        let mut terms = flash_sale::tests::shop::terms(shop.sku, 3);
        terms.items[0].minor = minor;
        flash_sale::tests::shop::draft(&op, terms)
    };
    let goal = crowdfunding::rules::Goal::Amount(12_000);
    match play {
        Play::GroupBuy(id) => {
            let draft = group_buy::tests::shop::draft(&op, group_buy::tests::shop::terms(shop.sku)).await;
            told(group_buy::campaigns::update(&op, id, draft).await).map(|_| ())
        }
        Play::Bargain(id) => {
            let draft = bargain::tests::shop::draft(&op, bargain::rules::terms::tests::terms(shop.sku)).await;
            told(bargain::campaigns::update(&op, id, draft).await).map(|_| ())
        }
        Play::FlashSale(id) => told(flash_sale::sales::update(&op, id, draft(980)).await).map(|_| ()),
        Play::Presale(id) => told(presale::campaigns::update(&op, id, presale::tests::draft(shop).await).await).map(|_| ()),
        Play::Crowdfunding(id) => {
            let draft = crowdfunding::tests::draft(shop, goal, crowdfunding::rules::Funding::AllOrNothing).await;
            told(crowdfunding::campaigns::update(&op, id, draft).await).map(|_| ())
        }
    }
}

async fn previewed(shop: &Shop, play: Play, cost: Money) -> Told<Vec<PreviewLine>> {
    let (op, costs) = (shop.op(), HashMap::from([(shop.sku, cost)]));
    match play {
        Play::GroupBuy(id) => told(group_buy::campaigns::preview(&op, (id, &costs)).await),
        Play::Bargain(id) => told(bargain::campaigns::preview(&op, (id, &costs)).await),
        Play::FlashSale(id) => told(flash_sale::sales::preview(&op, (id, &costs)).await),
        Play::Presale(id) => told(presale::campaigns::preview(&op, id, costs).await),
        Play::Crowdfunding(id) => told(crowdfunding::campaigns::preview(&op, id, costs).await),
    }
}

#[tokio::test]
async fn whichever_two_plays_want_a_sku_the_second_is_told_both_names() {
    let shop = Shop::opens_idle().await;
    for (first, holder) in drafts(&shop).await {
        takes(&shop, holder, Step::Publish).await.expect("the SKU is free");
        for (second, rival) in drafts(&shop).await {
            let (code, said) = takes(&shop, rival, Step::Publish).await.expect_err("the SKU is taken");
            assert_eq!(code, "PLAY_CONFLICT");
            assert!(said.contains(first) && said.contains(second), "{first}, {second}: {said}");
        }
        takes(&shop, holder, Step::End).await.expect("ends early");
    }
}

/// A group buy is frozen team by team: each keeps what it opened with, whatever becomes of the campaign.
#[tokio::test]
async fn what_is_published_keeps_its_rules_and_a_copy_may_have_others() {
    let shop = Shop::opens_idle().await;
    for (name, play) in drafts(&shop).await {
        edited(&shop, play).await.expect("a draft changes");
        takes(&shop, play, Step::Publish).await.expect("the SKU is free");
        for step in [Some(Step::Pause), Some(Step::Resume), None] {
            let refused = edited(&shop, play).await.map_err(|(code, _)| code);
            let frozen = match play {
                Play::GroupBuy(_) => Ok(()),
                Play::Bargain(_) => Err("BARGAIN_RULES_FROZEN"),
                Play::FlashSale(_) => Err("FLASH_SALE_STATE_INVALID"),
                Play::Presale(_) => Err("PRESALE_FROZEN"),
                Play::Crowdfunding(_) => Err("CROWDFUNDING_FROZEN"),
            };
            assert_eq!(refused, frozen, "{name}");
            if let Some(step) = step {
                takes(&shop, play, step).await.expect("moves");
            }
        }
        takes(&shop, play, Step::End).await.expect("ends early");
        assert!(edited(&shop, play).await.is_err(), "{name} is over");
        let copy = copied(&shop, play).await;
        edited(&shop, copy).await.expect("a copy is a draft");
        takes(&shop, copy, Step::Publish).await.expect("the SKU is free again");
        takes(&shop, copy, Step::End).await.expect("ends early");
    }
}

/// What can be had for less is asked for less, whoever asks it: seven days later nothing dearer is struck through.
#[tokio::test]
async fn what_a_play_asks_is_in_the_history_of_prices_until_it_ends() {
    let shop = Shop::opens_idle().await;
    for (name, play) in drafts(&shop).await {
        let (kind, id, lowest) = match play {
            Play::GroupBuy(id) => (group_buy::KIND, id.to_string(), 4_400),
            Play::Bargain(id) => (bargain::KIND, id.to_string(), 2_900),
            Play::FlashSale(id) => (flash_sale::KIND, id.to_string(), 990),
            // Fifteen of the price are paid with ten down.
            Play::Presale(id) => (presale::KIND, id.to_string(), 6_500),
            Play::Crowdfunding(id) => (crowdfunding::KIND, id.to_string(), 5_900),
        };
        let asked = async || -> Option<Span> {
            let all = history(&shop.op(), shop.sku).await.expect("reads");
            all.into_iter().find(|span| (span.source_kind.as_str(), &span.source_id) == (kind, &id))
        };
        assert_eq!(asked().await, None, "{name} is a draft");
        takes(&shop, play, Step::Publish).await.expect("the SKU is free");
        let from = shop.op().now();
        let span = asked().await.expect("is kept");
        assert_eq!((span.price_minor, span.starts_at), (lowest, from), "{name}");
        assert!(span.ends_at.is_some_and(|ends_at| ends_at > from), "{name}");
        assert_eq!(span.title.map(|title| title.get(Locale::En).to_owned()).as_deref(), Some(name));
        shop.advance(std::time::Duration::from_secs(60)).await;
        takes(&shop, play, Step::End).await.expect("ends early");
        assert_eq!(asked().await.expect("stays").ends_at, Some(shop.op().now()), "{name} asks nothing from now on");
    }
}

#[tokio::test]
async fn a_preview_says_what_is_left_and_the_most_it_can_cost() {
    let shop = Shop::opens_idle().await;
    let cny = |minor| Money::new(minor, Currency::Cny);
    for (name, play) in drafts(&shop).await {
        // Of a group buy the leader's 44.00 less the commission of five percent; a hundred lie on the shelf.
        let (price, units) = match play {
            Play::GroupBuy(_) => (4_180, Some(100)),
            Play::Bargain(_) => (2_900, Some(100)),
            Play::FlashSale(_) => (990, Some(3)),
            Play::Presale(_) => (6_500, Some(5)),
            Play::Crowdfunding(_) => (5_900, Some(3)),
        };
        let lines = previewed(&shop, play, cny(3_000)).await.expect("reads");
        let line = lines.first().expect("sells something");
        assert_eq!((line.sku, line.regular, line.price, line.units), (shop.sku, cny(7_900), cny(price), units), "{name}");
        assert_eq!(line.margin, Some(cny(price - 3_000)), "{name}");
        assert_eq!(line.worst_case, units.map(|units| cny((7_900 - price) * units)), "{name}");
        if let Play::GroupBuy(_) | Play::Bargain(_) | Play::FlashSale(_) = play {
            let refused = previewed(&shop, play, Money::new(3_000, Currency::Usd)).await;
            assert!(refused.is_err_and(|(code, _)| code.ends_with("CURRENCY_MISMATCH")), "{name}");
        }
    }
}

#[tokio::test]
async fn a_copy_of_a_group_buy_promises_the_same_for_as_long_from_now_on() {
    let shop = Shop::opens_idle().await;
    shop.advance(days(3)).await;
    let copy = told(group_buy::campaigns::copy(&shop.op(), shop.campaign).await).expect("is copied");
    let read = async |id| group_buy::query::campaign(&shop.op(), id).await.expect("reads").expect("is there");
    let (original, copy) = (read(shop.campaign).await, read(copy).await);
    assert_eq!((copy.state(), &copy.terms), (group_buy::rules::campaign::CampaignState::Draft, &original.terms));
    let now = shop.op().now();
    assert_eq!(copy.window(), Window { starts_at: now, ends_at: now + days(30) });
    let prices = entity::campaign::group_buy_sku::Entity::find().all(shop.op().reader()).await.expect("reads");
    assert_eq!(prices.iter().filter(|price| price.group_buy == copy.row.id).count(), 2);
}
