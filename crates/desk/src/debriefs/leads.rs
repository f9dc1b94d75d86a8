//! Who leads whom: the nearest above them, and nobody else. An owner is not, unless they lead the team.

use std::collections::{BTreeMap, BTreeSet};

use access::Caller;
use access::people::StaffId;
use access::teams::{self, TeamId, TeamRole};
use charter::time::Instant;
use platform::db::{DbError, Tx};

use super::store;

/// Somebody who leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Who.
    pub id: StaffId,
    /// What they are called.
    pub name: String,
}

/// As what somebody takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The list is theirs.
    Agent,
    /// They lead whose list it is.
    Lead,
}

/// Somebody of a team, and as what.
pub(super) struct Placed {
    pub(super) staff: StaffId,
    pub(super) name: String,
    pub(super) team: TeamId,
    pub(super) role: TeamRole,
}

/// Who leads somebody now: the leads of their team, else its managers, else those of the next team above that has any. Who leads a team is led by its managers. An
/// AI agent or somebody disabled leads nobody.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn leads_of(tx: &mut Tx, staff: StaffId, at: Instant) -> Result<Vec<Lead>, DbError> {
    let places: Vec<(TeamId, TeamRole)> = teams::memberships_of(tx, staff).await?.iter().filter(|m| m.holds(at)).map(|m| (m.team, m.role)).collect();
    Ok(Tree::near(tx, staff, &places, at).await?.leads(staff, &places))
}

/// As what somebody takes part in the debriefs of an agent now; nothing if they do not.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn side(tx: &mut Tx, who: StaffId, agent: StaffId, at: Instant) -> Result<Option<Side>, DbError> {
    if who == agent {
        return Ok(Some(Side::Agent));
    }
    Ok(leads_of(tx, agent, at).await?.iter().any(|lead| lead.id == who).then_some(Side::Lead))
}

/// Whom the caller leads now, and what they are called.
pub(super) async fn people_of(tx: &mut Tx, caller: &Caller, at: Instant) -> Result<BTreeMap<StaffId, String>, DbError> {
    let mut led: Vec<TeamId> = caller.led().map(|reached| reached.team).collect();
    let (Some(me), false) = (caller.staff(), led.is_empty()) else { return Ok(BTreeMap::new()) };
    led.sort_unstable();
    led.dedup();
    let tree = Tree::read(tx, at).await?;
    // Once for each place in a team: of those, one in which the caller is the nearest is enough.
    let is_mine = |placed: &Placed| tree.above(placed.staff, placed.team, placed.role).iter().any(|lead| lead.id == me);
    let placed = store::placed(tx, &led, at).await?;
    Ok(placed.into_iter().filter(is_mine).map(|placed| (placed.staff, placed.name)).collect())
}

/// The tree of teams, or what of it is asked for, and who leads or manages which.
#[derive(Default)]
struct Tree {
    parents: BTreeMap<TeamId, Option<TeamId>>,
    leading: BTreeMap<(TeamId, TeamRole), Vec<Lead>>,
}

impl Tree {
    /// All of it.
    async fn read(tx: &mut Tx, at: Instant) -> Result<Self, DbError> {
        let parents = teams::all(tx).await?.into_iter().map(|team| (team.id, team.parent)).collect();
        let mut tree = Self { parents, ..Self::default() };
        tree.keep(store::leading(tx, at).await?);
        Ok(tree)
    }

    /// From each of the places of somebody up to where somebody leads them.
    async fn near(tx: &mut Tx, staff: StaffId, places: &[(TeamId, TeamRole)], at: Instant) -> Result<Self, DbError> {
        let mut tree = Self::default();
        for (place, role) in places {
            let (mut next, mut met) = (Some(*place), BTreeSet::new());
            while let Some(team) = next.filter(|team| met.insert(*team) && tree.above(staff, *place, *role).is_empty()) {
                next = tree.meet(tx, team, at).await?;
            }
        }
        Ok(tree)
    }

    /// Reads one team; says which is above it.
    async fn meet(&mut self, tx: &mut Tx, team: TeamId, at: Instant) -> Result<Option<TeamId>, DbError> {
        if let Some(parent) = self.parents.get(&team) {
            return Ok(*parent);
        }
        let parent = teams::find(tx, team).await?.and_then(|team| team.parent);
        self.parents.insert(team, parent);
        self.keep(store::leading_team(tx, team, at).await?);
        Ok(parent)
    }

    fn keep(&mut self, leading: Vec<Placed>) {
        for placed in leading {
            self.leading.entry((placed.team, placed.role)).or_default().push(Lead { id: placed.staff, name: placed.name });
        }
    }

    /// Who leads somebody with these places in teams.
    fn leads(&self, staff: StaffId, places: &[(TeamId, TeamRole)]) -> Vec<Lead> {
        let mut leads: Vec<Lead> = places.iter().flat_map(|(team, role)| self.above(staff, *team, *role)).collect();
        leads.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        leads.dedup();
        leads
    }

    /// The nearest above somebody in one team.
    fn above(&self, staff: StaffId, team: TeamId, role: TeamRole) -> Vec<Lead> {
        let (mut next, mut below) = (Some(team), role);
        // A team is not below itself; should that be broken, this ends all the same.
        for _ in 0..=self.parents.len() {
            let Some(team) = next else { break };
            for role in [TeamRole::Lead, TeamRole::Manager].into_iter().filter(|role| *role > below) {
                let found: Vec<Lead> = self.leading.get(&(team, role)).into_iter().flatten().filter(|lead| lead.id != staff).cloned().collect();
                if !found.is_empty() {
                    return found;
                }
            }
            (next, below) = (self.parents.get(&team).copied().flatten(), TeamRole::Member);
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_above_leads() {
        let team = |n: i64| TeamId::new(n * 1_000_000);
        let (top, care, north) = (team(1), team(2), team(3));
        let who = |n: i64| Lead { id: StaffId::new(n * 1_000_000), name: format!("Lead {n}") };
        let (lena, mara, olga, ana) = (who(1), who(2), who(3), StaffId::new(4_000_000));
        let parents = [(top, None), (care, Some(top)), (north, Some(care))].into_iter().collect();
        let leading =
            [((care, TeamRole::Lead), vec![lena.clone()]), ((care, TeamRole::Manager), vec![mara.clone()]), ((top, TeamRole::Manager), vec![olga.clone()])];
        let tree = Tree { parents, leading: leading.into_iter().collect() };
        type Places = &'static [(usize, TeamRole)];
        let teams = [top, care, north];
        let cases: [(StaffId, Places, Vec<Lead>); 7] = [
            (ana, &[(2, TeamRole::Member)], vec![lena.clone()]),
            (ana, &[(1, TeamRole::Member)], vec![lena.clone()]),
            (ana, &[(0, TeamRole::Member)], vec![olga.clone()]),
            (ana, &[(0, TeamRole::Member), (2, TeamRole::Member)], vec![lena.clone(), olga.clone()]),
            (lena.id, &[(1, TeamRole::Lead), (2, TeamRole::Member)], vec![mara.clone()]),
            (mara.id, &[(1, TeamRole::Manager)], vec![olga.clone()]),
            (olga.id, &[(0, TeamRole::Manager)], vec![]),
        ];
        for (staff, places, expected) in cases {
            let places: Vec<(TeamId, TeamRole)> = places.iter().map(|(place, role)| (teams[*place], *role)).collect();
            assert_eq!(tree.leads(staff, &places), expected, "{places:?}");
        }
    }
}
