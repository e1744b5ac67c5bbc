//! The demo's campaigns stand on the demo's goods and hold half-full teams.

use entity::campaign::group_buy_team::TeamState;
use kernel::PageRequest;

use super::shop::Shop;
use crate::group_buy::query::{self, CampaignFilter};

#[tokio::test]
async fn the_demo_has_three_campaigns_with_half_full_teams() {
    let shop = Shop::opens().await;
    catalog::demo::seed(&shop.op()).await.expect("the goods stand");
    let pay = async |order| {
        let customer = trade::order::service::get(&shop.op(), order).await?.expect("is there").customer;
        let n = shop.customers.iter().position(|known| *known == customer).expect("one of ours");
        shop.pays_unheard(n, order).await;
        Ok(())
    };
    let made = crate::demo::seed(&shop.op(), &shop.customers, pay).await.expect("is put up");
    shop.settle().await;
    assert_eq!(made.len(), 3);
    for id in made {
        let page = PageRequest { first: 50, after: None };
        let teams = query::teams(&shop.op(), (id, None), page).await.expect("reads").rows;
        assert!(!teams.is_empty() && teams.iter().all(|(_, team)| team.state == TeamState::Open && team.confirmed < team.size));
    }
    let running = query::find(&shop.op(), CampaignFilter::default(), PageRequest { first: 50, after: None }).await.expect("reads");
    assert_eq!(running.rows.len(), 4, "three of the demo, one of the test");
}
