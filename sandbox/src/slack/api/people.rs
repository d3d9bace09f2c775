//! `auth.test`, `users.*` and `usergroups.*`.

use serde_json::json;

use super::{Outcome, args::Args, error::Refusal, page};
use crate::slack::{core::Core, wire};

/// Page sizes of `users.list`; without a limit Slack sends everybody.
const USERS_PAGE: usize = 1000;

pub(super) fn auth_test(core: &mut Core, _: &Args) -> Outcome {
    let (team, app) = (&core.world.team, &core.world.app);
    let name = core
        .world
        .users
        .get(&app.bot_user)
        .map(|user| user.name.clone());
    let mut body = json!({
        "url": format!("{}/", core.base_url), "team": team.name, "user": name, "team_id": team.id,
        "user_id": app.bot_user, "bot_id": app.bot_id, "is_enterprise_install": core.world.org_install,
    });
    if let Some(org) = &team.enterprise {
        body["enterprise_id"] = org.id.clone().into();
        if core.world.org_install {
            body["team_id"] = org.id.clone().into();
            body["team"] = org.name.clone().into();
        }
    }
    Ok(body)
}

/// `auth.teams.list`: the workspaces that an organisation's token may act in.
pub(super) fn teams(core: &mut Core, _: &Args) -> Outcome {
    let team = &core.world.team;
    Ok(
        json!({"teams": [{"id": team.id, "name": team.name}], "response_metadata": {"next_cursor": ""}}),
    )
}

/// An organisation's token has to say which workspace it means; other tokens may, and it is ignored.
fn in_team(core: &Core, args: &Args) -> Result<(), Refusal> {
    let given = args.text("team_id")?.filter(|team| !team.is_empty());
    match given {
        _ if !core.world.org_install => Ok(()),
        None => Err("missing_argument".into()),
        Some(team) if team != core.world.team.id => Err("team_access_not_granted".into()),
        Some(_) => Ok(()),
    }
}

pub(super) fn info(core: &mut Core, args: &Args) -> Outcome {
    let id = args.required("user")?;
    let user = core.world.user(&id).ok_or("user_not_found")?;
    let mut shown = wire::user(&core.world, user);
    // Slack answers under the id that it was asked for.
    shown["id"] = id.into();
    Ok(json!({"user": shown}))
}

pub(super) fn list(core: &mut Core, args: &Args) -> Outcome {
    in_team(core, args)?;
    let all: Vec<_> = core
        .world
        .users
        .values()
        .map(|user| wire::user(&core.world, user))
        .collect();
    let (members, metadata) = page(all, args, USERS_PAGE, USERS_PAGE)?;
    Ok(
        json!({"members": members, "cache_ts": core.now().timestamp(), "response_metadata": metadata}),
    )
}

pub(super) fn lookup_by_email(core: &mut Core, args: &Args) -> Outcome {
    let email = args.required("email")?;
    let has = |given: &Option<String>| {
        given
            .as_ref()
            .is_some_and(|own| own.eq_ignore_ascii_case(&email))
    };
    let mut people = core.world.users.values();
    let user = people
        .find(|user| !user.deleted && !user.is_stranger && has(&user.email))
        .ok_or("users_not_found")?;
    Ok(json!({"user": wire::user(&core.world, user)}))
}

pub(super) fn groups(core: &mut Core, args: &Args) -> Outcome {
    in_team(core, args)?;
    let (users, disabled) = (args.flag("include_users"), args.flag("include_disabled"));
    let listed = core
        .world
        .groups
        .values()
        .filter(|group| group.enabled || disabled);
    let groups: Vec<_> = listed
        .map(|group| wire::group(&core.world, group, users))
        .collect();
    Ok(json!({"usergroups": groups}))
}

pub(super) fn group_users(core: &mut Core, args: &Args) -> Outcome {
    in_team(core, args)?;
    let group = core
        .world
        .groups
        .get(&args.required("usergroup")?)
        .ok_or("no_such_subteam")?;
    if !group.enabled && !args.flag("include_disabled") {
        return Err("subteam_disabled".into());
    }
    Ok(json!({"users": wire::active_members(&core.world, group)}))
}
