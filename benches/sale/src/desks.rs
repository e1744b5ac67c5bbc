//! Desks in processes of their own, as servers behind a balancer have them.

use std::{sync::Arc, time::Instant};

use bench_kit::{heard, part::Part, say};
use campaign::flash_sale::desk::Desk;

use crate::{CALLERS, SaleId, accepted, mall::Mall, open_door, score::Score, show};

/// So many processes with a desk each.
pub struct Desks(Vec<Part>);

impl Desks {
    /// Starts them; the callers are spread over them.
    pub fn open(how_many: usize, (url, keys): (&str, &str), sale: SaleId) -> Self {
        let callers = (CALLERS / how_many).to_string();
        let mut parts: Vec<Part> = (0..how_many).map(|_| Part::start(&["desk", url, keys, &sale.to_string(), &callers])).collect();
        parts.iter_mut().for_each(|part| assert_eq!(part.hear(), "open"));
        Self(parts)
    }

    /// So many orders, an equal share of them at each desk.
    pub fn show(&mut self, orders: usize) -> Score {
        let share = (orders / self.0.len()).to_string();
        self.0.iter_mut().for_each(|part| part.tell(&share));
        self.0.iter_mut().for_each(|part| assert_eq!(part.hear(), "ready"));
        let began = Instant::now();
        self.0.iter_mut().for_each(|part| part.tell("go"));
        // The first line says that the last order is kept; the figures follow when nobody is measured any more.
        self.0.iter_mut().for_each(|part| assert_eq!(part.hear(), "done"));
        let took = began.elapsed();
        let told: Vec<String> = self.0.iter_mut().map(Part::hear).collect();
        Score::of_processes(took, &told)
    }
}

/// One such process.
#[tokio::main]
pub async fn serve((url, keys): (&str, &str), (sale, callers): (&str, &str)) {
    let mall = Mall::again(url, keys).await;
    let (sale, callers) = (sale.parse().expect("a sale"), callers.parse().expect("a number"));
    say("open");
    while let Ok(orders) = heard().parse() {
        let passes = mall.passes(&[sale], orders);
        say("ready");
        heard();
        let score = show(&mall, (&[Arc::new(Desk::new(open_door(None)))], passes), (callers, accepted)).await;
        say("done");
        say(&score.told());
    }
}
