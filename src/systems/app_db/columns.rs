//! Which column of a table is what, by the names that apps give it and by its type.

use super::{Column, Table, mapping::keys::Holds, sql::plain};

const EMAIL: &[&str] = &[
    "email",
    "emailaddress",
    "useremail",
    "primaryemail",
    "mail",
    "emailid",
    "loginemail",
];
const VERIFIED: &[&str] = &[
    "emailverified",
    "emailverifiedat",
    "isemailverified",
    "emailconfirmed",
    "emailconfirmedat",
    "isemailconfirmed",
    "emailvalidated",
    "emailverifiedon",
    "confirmedat",
    "verifiedat",
    "isverified",
    "verified",
    "confirmed",
];
const NAME: &[&str] = &[
    "name",
    "fullname",
    "displayname",
    "username",
    "nickname",
    "firstname",
];
const ROLE: &[&str] = &[
    "role",
    "userrole",
    "roles",
    "globalrole",
    "systemrole",
    "accountrole",
    "rolename",
    "usertype",
];
const ADMIN_FLAG: &[&str] = &[
    "isadmin",
    "admin",
    "isadministrator",
    "issuperuser",
    "superuser",
    "issuperadmin",
    "superadmin",
    "issysadmin",
    "isstaff",
];
const CREDITS: &[&str] = &[
    "credits",
    "credit",
    "creditbalance",
    "creditsbalance",
    "creditsremaining",
    "remainingcredits",
    "creditsleft",
    "numcredits",
];
const BLOCKED: &[&str] = &[
    "isblocked",
    "blocked",
    "isbanned",
    "banned",
    "isdisabled",
    "disabled",
    "issuspended",
    "suspended",
    "islocked",
    "locked",
    "isdeactivated",
    "deactivated",
    "isinactive",
    "inactive",
];
const CREATED: &[&str] = &[
    "createdat",
    "created",
    "createdon",
    "datejoined",
    "joinedat",
    "registeredat",
    "signedupat",
    "insertedat",
    "createddate",
    "datecreated",
    "creationdate",
    "registrationdate",
    "createtime",
    "createdtime",
    "crdate",
];
const UPDATED: &[&str] = &[
    "updatedat",
    "updated",
    "updatedon",
    "modifiedat",
    "modified",
    "lastmodified",
    "lastmodifiedat",
    "changedat",
    "updateddate",
    "dateupdated",
    "updatetime",
    "modifiedon",
];
const EXPIRES: &[&str] = &[
    "expires",
    "expiresat",
    "expiry",
    "expireson",
    "expiredate",
    "expirydate",
    "expirationdate",
    "expiration",
    "expireat",
    "expiresin",
    "validuntil",
    "notafter",
];
const STATUS: &[&str] = &[
    "status",
    "state",
    "stripestatus",
    "subscriptionstatus",
    "paymentstatus",
];
const AMOUNT: &[&str] = &["amount", "price", "total", "amountpaid", "totalamount"];
const CURRENCY: &[&str] = &["currency", "currencycode"];
/// What apps call the time at which a subscription ends, letters and digits alone, the surest first. The end of a paid
/// period comes last: the next one may follow.
pub(super) const ENDS: &[&str] = &[
    "expiresat",
    "endsat",
    "enddate",
    "endedat",
    "endat",
    "endson",
    "expires",
    "expireson",
    "expiresdate",
    "expirydate",
    "expiryat",
    "expirationdate",
    "expiration",
    "expiredat",
    "expireat",
    "subscriptionend",
    "subscriptionenddate",
    "subscriptionendsat",
    "subscriptionexpiresat",
    "validuntil",
    "validto",
    "validtill",
    "activeuntil",
    "paiduntil",
    "endtime",
    "until",
    "currentperiodend",
    "currentperiodendsat",
    "currentperiodendat",
    "stripecurrentperiodend",
    "periodend",
    "periodendsat",
    "billingperiodend",
];

const PAYMENT: &[&str] = &[
    "stripepaymentid",
    "stripepaymentintentid",
    "stripepaymentintent",
    "paymentintentid",
    "paymentintent",
    "stripechargeid",
    "chargeid",
    "stripesessionid",
    "stripecheckoutsessionid",
    "checkoutsessionid",
    "stripeid",
    "providerpaymentid",
];

/// The names, letters and digits alone, under which the column of a key is known, the surest first, and what it holds.
fn wanted(setting: &str) -> Option<(&'static [&'static str], Holds)> {
    let key = setting.trim_start_matches("[app.schema.");
    Some(match key {
        "user] email" => (EMAIL, Holds::Any),
        "user] email_verified" => (VERIFIED, Holds::Any),
        "user] name" => (NAME, Holds::Any),
        "user] role" => (ROLE, Holds::Any),
        "user] credits" => (CREDITS, Holds::Number),
        "user] is_blocked" => (BLOCKED, Holds::Flag),
        "user] updated_at" => (UPDATED, Holds::Moment),
        "session] expires" => (EXPIRES, Holds::Moment),
        "subscription] ends_at" => (ENDS, Holds::Moment),
        "subscription] status"
        | "payment] status"
        | "test_session] status"
        | "support_ticket] status" => (STATUS, Holds::Any),
        "subscription] amount" | "payment] amount" => (AMOUNT, Holds::Number),
        "subscription] currency" | "payment] currency" => (CURRENCY, Holds::Any),
        "payment] payment" => (PAYMENT, Holds::Any),
        "payment] credits" => (CREDITS, Holds::Number),
        key if key.ends_with("] created_at") => (CREATED, Holds::Moment),
        _ => return None,
    })
}

/// The column of a table that a key most likely means.
pub(super) fn candidate(table: &Table, setting: &str) -> Option<String> {
    let role = || admin_flag(table).filter(|_| setting == "[app.schema.user] role");
    find(table, setting)
        .or_else(role)
        .map(|column| column.name.clone())
}

/// The column of a table for a key.
pub(super) fn find<'a>(table: &'a Table, setting: &str) -> Option<&'a Column> {
    let (names, holds) = wanted(setting)?;
    let text = [EMAIL, NAME, PAYMENT].contains(&names);
    by_name(table, names, |column| {
        let word = column.is_text || !column.enum_labels.is_empty();
        match holds {
            Holds::Any if text => column.is_text,
            Holds::Any if names == VERIFIED => is_bool(column) || is_moment(table, column),
            Holds::Any if names == ROLE => word || column.is_text_array || is_enum_array(column),
            Holds::Any => word,
            Holds::Flag => is_bool(column),
            Holds::Number => is_number(column),
            Holds::Moment | Holds::Touched => is_moment(table, column),
        }
    })
}

/// The names that were looked for, for a line that stays open.
pub(super) fn looked_for(setting: &str) -> String {
    let names = wanted(setting).map(|(names, _)| names).unwrap_or_default();
    names.iter().take(4).copied().collect::<Vec<_>>().join(", ")
}

/// The first of these names that is there and fits.
pub(super) fn by_name<'a>(
    table: &'a Table,
    names: &[&str],
    fits: impl Fn(&Column) -> bool,
) -> Option<&'a Column> {
    names.iter().find_map(|name| {
        table
            .columns
            .iter()
            .find(|column| plain(&column.name) == **name && fits(column))
    })
}

/// A flag that makes an admin.
pub(super) fn admin_flag(table: &Table) -> Option<&Column> {
    by_name(table, ADMIN_FLAG, is_bool)
}

pub(super) fn is_bool(column: &Column) -> bool {
    column.type_name == "pg_catalog.bool"
}

fn is_number(column: &Column) -> bool {
    ["int2", "int4", "int8", "numeric", "float4", "float8"]
        .iter()
        .any(|name| column.type_name.strip_prefix("pg_catalog.") == Some(name))
}

fn is_moment(table: &Table, column: &Column) -> bool {
    table.moment("t", &column.name).is_some()
}

/// An array of a type of the app's own.
fn is_enum_array(column: &Column) -> bool {
    !column.type_name.starts_with("pg_catalog.") && column.type_name.contains("._")
        || column.type_name.contains(".\"_")
}
