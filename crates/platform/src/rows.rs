//! Many rows in one statement whose text does not depend on how many they are.
//!
//! SQLite is given every field by itself. PostgreSQL is given one array per column: a connection prepares such a statement
//! once, for one row as for a thousand, where thousands of parameters would be parsed and planned anew for each number of rows.
//! A column that may be NULL travels as a JSON array, because our driver's arrays have no holes.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityName, EntityTrait, FromQueryResult, Insert,
    Iterable, JoinType, QueryFilter, QuerySelect, QueryTrait, Select, TryGetableMany, Value,
    prelude::Json,
    sea_query::{ArrayType, Asterisk, Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, ValueType, extension::postgres::PgExpr},
};

/// Writes rows of one table; nothing when there are none. Answers how many were written.
pub async fn insert<A: ActiveModelTrait>(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>) -> Result<u64, DbErr> {
    write(db, rows, None).await
}

/// Writes rows of one table, and does this where one is there already.
pub async fn insert_or<A>(db: &impl ConnectionTrait, (rows, or): (impl IntoIterator<Item = A>, OnConflict)) -> Result<u64, DbErr>
where
    A: ActiveModelTrait,
{
    write(db, rows, Some(or)).await
}

/// The same; answers the rows as they are now.
pub async fn insert_or_returning<A>(
    db: &impl ConnectionTrait,
    (rows, or): (impl IntoIterator<Item = A>, OnConflict),
) -> Result<Vec<<A::Entity as EntityTrait>::Model>, DbErr>
where
    A: ActiveModelTrait,
{
    let Some(mut statement) = statement(db.get_database_backend(), rows.into_iter().collect())? else { return Ok(Vec::new()) };
    let rows = db.query_all(statement.on_conflict(or).returning_all()).await?;
    rows.iter().map(|row| <A::Entity as EntityTrait>::Model::from_query_result(row, "")).collect()
}

/// That a column is one of these.
pub fn one_of<C, V>(db: &impl ConnectionTrait, column: C, values: impl IntoIterator<Item = V>) -> Expr
where
    C: ColumnTrait,
    V: Into<Value> + ValueType,
{
    match db.get_database_backend() {
        DbBackend::Postgres => Expr::col(column.as_column_ref()).eq_any(values),
        _ => Expr::col(column.as_column_ref()).is_in(values),
    }
}

/// What `select` finds of each of these keys: at most one row each, in no order. Looked up key by key, so that a plan made
/// while the table was small does not read all of it when it has grown.
pub async fn found<E, C, V, T>(db: &impl ConnectionTrait, select: Select<E>, (key, values): (C, Vec<V>)) -> Result<Vec<T>, DbErr>
where
    E: EntityTrait,
    C: ColumnTrait,
    V: Into<Value> + ValueType,
    T: TryGetableMany,
{
    let rows = match db.get_database_backend() {
        DbBackend::Postgres => {
            let keys = Value::Array(V::array_type(), Some(Box::new(values.into_iter().map(Into::into).collect())));
            let keys = Query::select().expr_as(Func::cust("unnest").arg(Expr::value(keys)), "key").to_owned();
            let one = select.filter(Expr::col(key.as_column_ref()).eq(Expr::col(("keys", "key")))).limit(1).into_query();
            let each = Query::select()
                .column(("found", Asterisk))
                .from_subquery(keys, "keys")
                .join_lateral(JoinType::InnerJoin, one, "found", Expr::value(true))
                .to_owned();
            db.query_all(&each).await?
        }
        _ => db.query_all(&select.filter(Expr::col(key.as_column_ref()).is_in(values)).into_query()).await?,
    };
    rows.iter().map(|row| T::try_get_many_by_index(row).map_err(DbErr::from)).collect()
}

async fn write<A>(db: &impl ConnectionTrait, rows: impl IntoIterator<Item = A>, or: Option<OnConflict>) -> Result<u64, DbErr>
where
    A: ActiveModelTrait,
{
    let Some(mut statement) = statement(db.get_database_backend(), rows.into_iter().collect())? else { return Ok(0) };
    if let Some(or) = or {
        statement.on_conflict(or);
    }
    Ok(db.execute(&statement).await?.rows_affected())
}

fn statement<A: ActiveModelTrait>(backend: DbBackend, rows: Vec<A>) -> Result<Option<InsertStatement>, DbErr> {
    if rows.is_empty() {
        return Ok(None);
    }
    if backend != DbBackend::Postgres {
        return Ok(Some(Insert::many(rows).into_query()));
    }
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().filter(|column| is_said(&rows, *column)).collect();
    let mut values = Query::select();
    for column in &columns {
        values.expr(each(&rows, *column)?);
    }
    let mut insert = Query::insert().into_table(A::Entity::default().table_ref()).columns(columns).to_owned();
    insert.select_from(values).map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(Some(insert))
}

fn is_said<A: ActiveModelTrait>(rows: &[A], column: <A::Entity as EntityTrait>::Column) -> bool {
    rows.iter().any(|row| !row.get(column).is_not_set())
}

/// What the rows say in a column, one after the other; a row that says nothing says NULL.
fn each<A: ActiveModelTrait>(rows: &[A], column: <A::Entity as EntityTrait>::Column) -> Result<Expr, DbErr> {
    let said = || {
        rows.iter().map(|row| match row.get(column) {
            ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Some(value),
            ActiveValue::NotSet => None,
        })
    };
    let kind = said().flatten().next().map_or(ArrayType::String, |value| value.array_type());
    if column.def().is_null() {
        let all = said().map(|value| value.map_or(Ok(Json::Null), json)).collect::<Result<_, _>>()?;
        let texts = Func::cust("jsonb_array_elements_text").arg(Expr::value(Json::Array(all)));
        return Ok(Expr::from(texts).cast_as(named(&kind)?));
    }
    let all = said().collect::<Option<Vec<_>>>().ok_or_else(|| foreign(&"a column that wants a value, and a row without one"))?;
    Ok(Func::cust("unnest").arg(Expr::value(Value::Array(kind, Some(Box::new(all))))).into())
}

/// A value as JSON whose text PostgreSQL reads as this value.
fn json(value: Value) -> Result<Json, DbErr> {
    Ok(match value {
        Value::Bool(value) => value.into(),
        Value::Int(value) => value.into(),
        Value::BigInt(value) => value.into(),
        Value::String(value) => value.into(),
        Value::Uuid(value) => value.map(|id| id.to_string()).into(),
        Value::Json(value) => value.map(|json| json.to_string()).into(),
        other => return Err(foreign(&other)),
    })
}

fn named(kind: &ArrayType) -> Result<&'static str, DbErr> {
    Ok(match kind {
        ArrayType::Bool => "boolean",
        ArrayType::Int => "integer",
        ArrayType::BigInt => "bigint",
        ArrayType::String => "text",
        ArrayType::Uuid => "uuid",
        ArrayType::Json => "jsonb",
        other => return Err(foreign(other)),
    })
}

fn foreign(what: &impl std::fmt::Debug) -> DbErr {
    DbErr::Custom(format!("no way to write many of {what:?}"))
}
