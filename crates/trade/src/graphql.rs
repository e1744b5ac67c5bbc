//! The roots of everything that is kept in the books: ledger, wallets, points, providers' bills.

use async_graphql::MergedObject;

use crate::{export, ledger, points, reconciliation, wallet};

/// What a shopper can ask about their money.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeBooksShopQuery")]
pub struct BooksShopQuery(wallet::graphql::WalletShopQuery, points::graphql::PointsShopQuery);

/// What a shopper can do about their money.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeBooksShopMutation")]
pub struct BooksShopMutation(wallet::graphql::WalletShopMutation, export::graphql::ExportShopMutation);

/// What staff can ask about money.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeBooksAdminQuery")]
pub struct BooksAdminQuery(
    ledger::graphql::LedgerAdminQuery,
    wallet::graphql::WalletAdminQuery,
    points::graphql::PointsAdminQuery,
    reconciliation::graphql::ReconciliationAdminQuery,
);

/// What staff can do about money.
#[derive(MergedObject, Default)]
#[graphql(name = "TradeBooksAdminMutation")]
pub struct BooksAdminMutation(
    ledger::graphql::LedgerAdminMutation,
    export::graphql::ExportAdminMutation,
    wallet::graphql::WalletAdminMutation,
    points::graphql::PointsAdminMutation,
    reconciliation::graphql::ReconciliationAdminMutation,
);
