//! `liebian bargain verify`: anybody's check of a bargain's cuts.

use std::{io::Read, path::Path, sync::Arc};

use anyhow::Context;
use campaign::bargain::{
    proof::{Proof, Verdict, verify as prove},
    query,
};
use kernel::{BargainRecordId, Money};
use platform::clock::SystemClock;

use super::say;
use crate::{app, config::Config};

/// Proves the cuts of a record, or of a proof in a file; the answer is the exit code.
pub(super) async fn verify(config: &Config, named: &str) -> anyhow::Result<u8> {
    let proof = match named.parse::<BargainRecordId>() {
        Ok(record) if !Path::new(named).exists() => {
            let platform = app::open(config, Arc::new(SystemClock)).await?;
            let found = query::proof(&platform.system("bargain_verify"), record).await?;
            found.with_context(|| format!("there is no record {record}"))?
        }
        _ => read(named)?,
    };
    let (verdict, breaks) = prove(&proof);
    for broken in &breaks {
        say(&format!("✗ {broken}"))?;
    }
    let money = |minor| Money::new(minor, proof.currency);
    let (made, cuts) = (proof.made.len(), proof.cuts);
    say(&format!("{}: {made} of {cuts} cuts, {} → {}", proof.record_id, money(proof.first_minor), money(proof.price_minor)))?;
    Ok(match verdict {
        Verdict::Proved => {
            say("proved: every cut is the one its seed and its helper make")?;
            0
        }
        Verdict::Sealed => {
            say("not decided yet: the amounts add up; the seed is shown when no cut can follow")?;
            2
        }
        Verdict::Broken => {
            say("broken: this is not what was promised")?;
            1
        }
    })
}

/// A proof as JSON: the object itself, or the answer of the query that asks for it.
fn read(file: &str) -> anyhow::Result<Proof> {
    let mut text = String::new();
    if file == "-" {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("{file} cannot be read"))?;
    }
    let whole: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
    let within = whole.pointer("/data/bargainProof").or_else(|| whole.pointer("/bargainProof")).cloned();
    serde_json::from_value(within.unwrap_or(whole)).with_context(|| format!("{file} is not a proof of a bargain"))
}
