use proptest::prelude::*;

use super::*;
use crate::card::nvm::MemoryNvm;
use crate::fault::{Cut, Tear, TearControl, Way};

type Model = BTreeMap<u32, Vec<u8>>;
type Change = (u32, Option<Vec<u8>>);

const PAGES: usize = 48;

fn transaction(changes: &[Change]) -> Transaction {
    let mut transaction = Transaction::new();
    for (id, change) in changes {
        match change {
            Some(bytes) => transaction.put(*id, bytes.clone()),
            None => transaction.remove(*id),
        };
    }
    transaction
}

fn apply(model: &mut Model, changes: &[Change]) {
    for (id, change) in changes {
        match change {
            Some(bytes) => model.insert(*id, bytes.clone()),
            None => model.remove(id),
        };
    }
}

fn contents<N: Nvm>(store: &mut Store<N>) -> Model {
    let ids = store.ids().expect("mounted");
    ids.into_iter()
        .map(|id| {
            (
                id,
                store.get(id).expect("readable").expect("listed").to_vec(),
            )
        })
        .collect()
}

fn fresh(seed: u64) -> (Store<Tear<MemoryNvm>>, TearControl) {
    let nvm = Tear::new(MemoryNvm::erased(PAGES), seed);
    let control = nvm.control();
    (Store::format(nvm).expect("room"), control)
}

/// Runs `history`, then `last` with power cut as `cuts` says: the first during the transaction, each further one
/// during the recovery from the one before. Checks what is left and
/// returns how many cuts were made; none where the transaction was over before the first.
fn torn_run(seed: u64, history: &[Vec<Change>], last: &[Change], cuts: &[Cut]) -> Option<u64> {
    let (mut store, control) = fresh(seed);
    let mut before = Model::new();
    for changes in history {
        store.commit(transaction(changes)).expect("room");
        apply(&mut before, changes);
    }
    let mut after = before.clone();
    apply(&mut after, last);

    control.arm(cuts[0]);
    match store.commit(transaction(last)) {
        Ok(()) => {
            control.disarm();
            store.power_on().expect("whole");
            assert_eq!(contents(&mut store), after);
            return None;
        }
        Err(error) => assert_eq!(error, StoreError::PowerLost),
    }
    for cut in &cuts[1..] {
        control.arm(*cut);
        if store.power_on().is_ok() {
            break;
        }
    }
    control.disarm();
    store.power_on().expect("a state is always found");
    let seen = contents(&mut store);
    assert!(seen == before || seen == after, "neither before nor after");
    for _ in 0..6 {
        store.power_on().expect("whole");
        assert!(
            contents(&mut store) == seen,
            "a state that was seen is no more"
        );
    }

    // And life goes on from there.
    let mut model = seen;
    for round in 0..6u8 {
        let changes = vec![(2, Some(vec![round; 300])), (7, Some(vec![round]))];
        store.commit(transaction(&changes)).expect("room");
        apply(&mut model, &changes);
        store.power_on().expect("whole");
        assert!(contents(&mut store) == model, "a committed state fell back");
    }
    Some(control.cuts())
}

fn sweep(seed: u64, history: &[Vec<Change>], last: &[Change], further: &[Cut]) -> u64 {
    let mut cuts_made = 0;
    for way in Way::ALL {
        for at_write in 0.. {
            let cuts: Vec<Cut> = [Cut { at_write, way }]
                .into_iter()
                .chain(further.iter().copied())
                .collect();
            let Some(cuts) = torn_run(seed ^ at_write << 8, history, last, &cuts) else {
                break;
            };
            cuts_made += cuts;
        }
    }
    cuts_made
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let bytes = prop_oneof![
        3 => prop::collection::vec(any::<u8>(), 0..24),
        2 => prop::collection::vec(any::<u8>(), 25..600),
        1 => (any::<u8>(), 600..1500usize).prop_map(|(byte, length)| vec![byte; length]),
    ];
    prop::collection::vec((0..6u32, prop::option::weighted(0.8, bytes)), 1..4)
}

fn cut_in_recovery() -> impl Strategy<Value = Cut> {
    (0..ROOTS as u64, prop::sample::select(Way::ALL.to_vec()))
        .prop_map(|(at_write, way)| Cut { at_write, way })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_cut_at_any_write_leaves_before_or_after(
        seed: u64,
        history in prop::collection::vec(changes(), 0..5),
        last in changes(),
    ) {
        prop_assert!(sweep(seed, &history, &last, &[]) > 0);
    }

    #[test]
    fn so_do_further_cuts_during_the_recovery(
        seed: u64,
        history in prop::collection::vec(changes(), 0..5),
        last in changes(),
        further in prop::collection::vec(cut_in_recovery(), 1..3),
    ) {
        prop_assert!(sweep(seed, &history, &last, &further) > 0);
    }
}

#[test]
fn one_to_three_cuts_in_a_row_over_many_readings() {
    let history = [
        vec![(1, Some(vec![1; 700])), (3, Some(vec![9]))],
        vec![(3, Some(vec![8]))],
    ];
    let last = [(1, Some(vec![2; 700])), (3, Some(vec![7]))];
    let mut cuts = 0;
    let in_recovery: Vec<Cut> = Way::ALL
        .into_iter()
        .flat_map(|way| (0..ROOTS as u64).map(move |at_write| Cut { at_write, way }))
        .collect();
    for seed in 0..40 {
        for history in [&history[..], &[]] {
            cuts += sweep(seed, history, &last, &[]);
            for second in &in_recovery {
                cuts += sweep(seed * 31, history, &last, &[*second]);
                let third = in_recovery[(seed as usize + cuts as usize) % in_recovery.len()];
                cuts += sweep(seed * 17, history, &last, &[*second, third]);
            }
        }
    }
    println!("{cuts} cuts");
    assert!(cuts > 40_000, "{cuts}");
}

#[test]
fn a_full_memory_changes_nothing() {
    let (mut store, _) = fresh(3);
    store
        .commit(transaction(&[(1, Some(vec![1; 5000]))]))
        .expect("room");
    let before = contents(&mut store);
    assert_eq!(
        store.commit(transaction(&[(2, Some(vec![2; 6000]))])),
        Err(StoreError::Full)
    );
    assert_eq!(contents(&mut store), before);
    store.power_on().expect("whole");
    assert_eq!(contents(&mut store), before);
    store
        .commit(transaction(&[
            (1, Some(vec![3; 400])),
            (2, Some(vec![2; 2000])),
        ]))
        .expect("room");
    assert_eq!(store.get(2), Ok(Some(Bytes::from(vec![2; 2000]))));
}

#[test]
fn memory_does_not_leak_away() {
    let (mut store, _) = fresh(4);
    store
        .commit(transaction(&[
            (1, Some(vec![1; 3000])),
            (2, Some(vec![1; 10])),
        ]))
        .expect("room");
    let free = store.free_pages().expect("mounted");
    for round in 0..200u32 {
        let byte = round as u8;
        store
            .commit(transaction(&[
                (1, Some(vec![byte; 3000])),
                (2, Some(vec![byte; 10])),
            ]))
            .expect("room");
    }
    assert_eq!(store.free_pages(), Ok(free));
}

#[test]
fn small_objects_change_in_one_write() {
    let (mut store, control) = fresh(5);
    store
        .commit(transaction(&[(1, Some(vec![5; 8]))]))
        .expect("room");
    let writes = control.writes();
    store
        .commit(transaction(&[(1, Some(vec![4; 8]))]))
        .expect("room");
    assert_eq!(control.writes(), writes + 1);
}

#[test]
fn more_small_objects_than_a_root_holds_are_kept_all_the_same() {
    let (mut store, _) = fresh(6);
    let changes: Vec<Change> = (0..20).map(|id| (id, Some(vec![id as u8; 20]))).collect();
    store.commit(transaction(&changes)).expect("room");
    store.power_on().expect("whole");
    let mut model = Model::new();
    apply(&mut model, &changes);
    assert_eq!(contents(&mut store), model);
}

#[test]
fn memory_without_a_state_is_damaged() {
    assert_eq!(
        Store::over(MemoryNvm::erased(PAGES)).power_on(),
        Err(StoreError::Damaged)
    );
    assert_eq!(
        Store::format(MemoryNvm::erased(ROOTS)).err(),
        Some(StoreError::Full)
    );
}

#[test]
fn what_is_forgotten_is_found_nowhere() {
    let secret = |byte: u8| vec![byte; 24];
    let found = |store: &mut Store<Tear<MemoryNvm>>, byte| {
        let memory = store.image();
        memory.windows(24).any(|bytes| *bytes == secret(byte))
    };
    let (mut store, control) = fresh(4);
    // A small one, a page, and one that outgrew its place.
    for changes in [
        vec![(1, Some(secret(0xA1))), (2, Some(secret(0xA2).repeat(9)))],
        vec![
            (3, Some(secret(0xA3).repeat(60))),
            (4, Some(b"stays".to_vec())),
        ],
        vec![(3, Some(vec![3; 4])), (1, None), (2, None)],
    ] {
        store.commit(transaction(&changes)).expect("room");
    }
    assert!(found(&mut store, 0xA2) && found(&mut store, 0xA3));
    let left = contents(&mut store);
    for way in Way::ALL {
        for at_write in [0, 7, 20] {
            control.arm(Cut { at_write, way });
            assert_eq!(store.forget_earlier_states(), Err(StoreError::PowerLost));
            store.power_off();
            store.power_on().expect("whole");
            assert_eq!(contents(&mut store), left, "{way:?} at {at_write}");
        }
    }
    store.forget_earlier_states().expect("power");
    for byte in [0xA1, 0xA2, 0xA3] {
        assert!(!found(&mut store, byte), "{byte:X}");
    }
    assert_eq!(contents(&mut store), left);
    store.power_off();
    store.power_on().expect("whole");
    assert_eq!(contents(&mut store), left);
}
