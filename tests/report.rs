//! The pages about runs: whole, quiet, and with the numbers that the runs have.

use std::collections::HashSet;
use std::fs;
use std::sync::OnceLock;

use neurons::mnist::{
    Epoch, Objective, Recipe, accuracy, binomial_error, confusions, train,
};
use neurons::pixels::Digits;
use neurons::trainer::compare_runs::{
    differences, groups, runs_in, side_by_side, verdict,
};
use neurons::trainer::model_file::Model;
use neurons::trainer::readings::{
    expected_calibration_error, mistakes, most_confused, read_pictures, reliability,
};
use neurons::trainer::report::{compare, report};
use neurons::trainer::run_folder::FinishedRun;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

fn test_digits() -> Digits {
    Digits::handwriting(300, 2)
}

/// A small run on drawn digits.
fn trained(recipe: Recipe) -> (FinishedRun, Model) {
    let (training, validation) = Digits::handwriting(800, 1).split_at(600);
    let mut epochs = Vec::new();
    let network = train(&recipe, &training, &validation, |e, _| epochs.push(*e)).unwrap();
    let test = accuracy(&network, &test_digits());
    let pictures = [("train", 600), ("validation", 200), ("test", 300)];
    let run = FinishedRun {
        version: "0.1.0".into(),
        name: String::new(),
        data: "synthetic".into(),
        sha256: [("test".into(), "0".into())].into(),
        pictures: pictures.map(|(part, n)| (part.into(), n)).into(),
        threads: 1,
        chosen: epochs.len(),
        epochs,
        test,
        published: None,
        recipe: recipe.clone(),
    };
    (run, Model { network, objective: recipe.objective })
}

fn small() -> &'static (FinishedRun, Model) {
    static RUN: OnceLock<(FinishedRun, Model)> = OnceLock::new();
    RUN.get_or_init(|| trained(Recipe { epochs: 3, rate: 0.5, ..Recipe::book() }))
}

/// The small run as if it had gone another way.
fn run(change: impl FnOnce(&mut FinishedRun)) -> FinishedRun {
    let mut run = small().0.clone();
    change(&mut run);
    run
}

fn seeds(seeds: impl IntoIterator<Item = u64>) -> Vec<(String, FinishedRun)> {
    let seed = |seed: u64| {
        let run = run(|run| {
            run.recipe.seed = seed;
            run.test = 0.90 + 0.01 * seed as f64;
        });
        (format!("seed-{seed}"), run)
    };
    seeds.into_iter().map(seed).collect()
}

fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).unwrap()?;
    Some(attribute.value.into_owned())
}

/// Every tag is closed and every name occurs once; every drawing is told in words, by names
/// that are there; nothing is asked for from elsewhere. Returns how many drawings there are.
fn check(page: &str) -> usize {
    assert!(page.starts_with("<!DOCTYPE html>"));
    let mut reader = Reader::from_str(page);
    // The tags that HTML never closes.
    const VOID: [&str; 2] = ["meta", "link"];
    reader.config_mut().check_end_names = false;
    let (mut open, mut ids, mut wanted) = (Vec::new(), HashSet::new(), Vec::new());
    let (mut drawings, mut heading) = (0, 0);
    loop {
        match reader.read_event().expect("the page is well-formed") {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_string();
                if name == "svg" {
                    drawings += 1;
                    match attribute(&tag, "role").as_deref() {
                        Some("img") => {
                            wanted.push(attribute(&tag, "aria-labelledby").unwrap());
                            wanted.push(attribute(&tag, "aria-describedby").unwrap());
                        }
                        _ => {
                            let hidden = attribute(&tag, "aria-hidden");
                            assert_eq!(hidden.as_deref(), Some("true"));
                        }
                    }
                }
                if let [b'h', level @ b'1'..=b'6'] = name.as_bytes() {
                    assert!(
                        level - b'0' <= heading + 1,
                        "no level of headings is skipped"
                    );
                    heading = level - b'0';
                }
                assert_ne!(name, "script");
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("no attribute stands twice");
                    let key = attribute.key.as_ref().to_string();
                    assert!(!key.starts_with("on") && key != "src", "{key}");
                    if key == "href" {
                        match attribute.value.strip_prefix('#') {
                            Some(id) => wanted.push(id.to_string()),
                            None => assert_eq!(&*attribute.value, "data:,"),
                        }
                    }
                }
                wanted.extend(
                    attribute(&tag, "aria-labelledby").filter(|_| name == "figure"),
                );
                if let Some(id) = attribute(&tag, "id") {
                    assert!(ids.insert(id.clone()), "{id} stands twice");
                }
                if !VOID.contains(&name.as_str()) {
                    open.push(name);
                }
            }
            Event::Empty(tag) => {
                let name = tag.name().as_ref().to_string();
                assert!(!VOID.contains(&name.as_str()));
            }
            Event::End(tag) => {
                assert_eq!(open.pop().as_deref(), Some(tag.name().as_ref()));
            }
            Event::GeneralRef(entity) => {
                assert!(["amp", "lt", "gt", "quot"].contains(&entity.as_ref()));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    for id in wanted {
        assert!(ids.contains(&id), "{id} is nowhere");
    }
    assert!(page.contains("default-src 'none'") && !page.contains("url("));
    for theme in ["color-scheme:light dark", "(prefers-color-scheme:dark)"] {
        assert!(page.contains(theme));
    }
    assert_eq!(page.matches("--paper:").count(), 2, "a paper for each of both");
    for hex in ["#1F2328", "#0969DA", "#BC4C00", "#FFFFFE"] {
        assert_eq!(page.matches(hex).count(), 1, "{hex} has a name in the figures");
    }
    drawings
}

#[test]
fn a_report_has_the_numbers_of_its_run() {
    let (run, model) = small();
    let test = test_digits();
    let page = report(run, model, &test).unwrap();
    let readings = read_pictures(model, &test);
    let wrong: Vec<_> = mistakes(&readings).collect();
    assert!(wrong.len() >= 20, "a run of three epochs makes mistakes");
    assert_eq!(check(&page), 2 + 1 + 16 + 20 + 2);

    let error = 100.0 * binomial_error(run.test, 300);
    let result = format!("{:.2} % <small>± {error:.2} %</small>", 100.0 * run.test);
    assert!(page.contains(&result), "{result}");
    let right = readings.iter().filter(|reading| reading.is_right()).count();
    assert!(page.contains(&format!("{right} of 300 pictures")));
    assert!(page.contains("not an accuracy on MNIST"));
    assert!(page.contains("<td>784-16-16-10</td>"));

    let ece = expected_calibration_error(&reliability(&readings));
    assert!(page.contains(&format!("over all pictures, is {:.2} %.", 100.0 * ece)));
    for bin in reliability(&readings) {
        assert!(page.contains(&format!("<td>{}</td>", bin.pictures)));
    }
    for wrong in &wrong[..20] {
        let (label, named, p) = (wrong.label, wrong.named, 100.0 * wrong.p);
        assert!(page.contains(&format!("{label} read as {named} ({p:.0} %)")));
        assert!(page.contains(&format!("Test picture {}, answered", wrong.row + 1)));
    }
    assert!(!page.contains(&format!("Test picture {}, answered", wrong[20].row + 1)));
    let counts = confusions(&model.network, &test);
    let (i, j, n) = most_confused(&counts)[0];
    assert!(
        page.contains(&format!("<th scope=\"row\">{i} read as {j}</th><td>{n}</td>"))
    );
    for epoch in &run.epochs {
        assert!(page.contains(&format!("<td>{:.4}</td>", epoch.cost)));
    }
    assert!(!page.contains("kept"), "the last epoch was kept");
    for id in ["done", "learning", "confusions", "weights", "mistakes", "calibration"] {
        assert!(page.contains(&format!("<a href=\"#{id}\">")), "{id}");
    }
}

#[test]
fn a_report_says_what_was_published_and_which_epoch_was_kept() {
    let (_, model) = small();
    let run = run(|run| {
        run.name = "nielsen-30".into();
        run.data = "mnist".into();
        run.chosen = 2;
        run.test = 0.96;
        run.published = Some((95.42, "Nielsen (2015)".into()));
    });
    let page = report(&run, model, &test_digits()).unwrap();
    check(&page);
    assert!(page.contains("<h1>nielsen-30: 784-16-16-10</h1>"));
    assert!(page.contains("<td>+0.58 points</td>") && page.contains("Nielsen (2015)"));
    assert_eq!(page.matches("kept: epoch 2").count(), 2, "in both panels");
    assert!(page.contains("The network of epoch 2 was kept"));
    assert!(!page.contains("not an accuracy on MNIST"));
}

#[test]
fn a_network_before_training_has_a_report_too() {
    let recipe = Recipe {
        sizes: vec![784, 50, 10],
        objective: Objective::Quadratic,
        ..Recipe::book()
    };
    let mut network = recipe.network();
    network.layers[1].w.fill(0.0);
    network.layers[1].b.fill(0.0);
    let model = Model { network, objective: Objective::Quadratic };
    let run = run(|run| {
        run.epochs.clear();
        run.test = 0.1;
    });
    let page = report(&run, &model, &test_digits()).unwrap();
    assert_eq!(check(&page), 1 + 40 + 20 + 2);
    assert!(page.contains("It reads every digit as 0"));
    assert!(page.contains("The first 40 of 50 neurons"));
    // Counted as in the book.
    assert!(page.contains("Neuron 0<") && page.contains("Neuron 39<"));
    assert!(!page.contains("Neuron 40<"));
    assert!(page.contains("do not add up to 1"));
    assert!(!page.contains("How it learned"));

    let nothing = Digits::handwriting(0, 1);
    let error = report(&run, &model, &nothing).unwrap_err().to_string();
    assert!(error.contains("test pictures"), "{error}");
}

#[test]
fn a_network_without_a_mistake_has_a_report_too() {
    let (run, model) = small();
    let mut test = test_digits();
    test.labels = neurons::mnist::predictions(&model.network, &test);
    let page = report(run, model, &test).unwrap();
    check(&page);
    assert!(
        page.contains("It made no mistake.") && page.contains("Nothing was confused.")
    );
}

#[test]
fn names_cannot_write_into_a_page() {
    let hostile = "</title><script src=\"http://x\">alert('&')</script>";
    let (_, model) = small();
    let run = run(|run| {
        run.name = hostile.into();
        run.version = hostile.into();
        run.data = hostile.into();
        run.published = Some((95.0, hostile.into()));
    });
    let page = report(&run, model, &test_digits()).unwrap();
    check(&page);
    let other = small().0.clone();
    let page = compare(&[(hostile.into(), run), ("b".into(), other)]).unwrap();
    check(&page);
    assert!(page.contains("&lt;script src=&quot;http://x&quot;&gt;"));
}

#[test]
fn numbers_of_any_size_can_be_drawn() {
    let epoch = |number, cost, validation| Epoch {
        number,
        rate: 0.1,
        cost,
        validation,
        constant: None,
        seconds: 1.0,
    };
    let (_, model) = small();
    let sizes = [
        vec![epoch(1, 1e300, 0.0), epoch(2, 0.0, 1.0)],
        vec![epoch(1, f64::MAX, 0.5)],
        vec![epoch(1, 0.0, 1.0)],
        vec![epoch(1, -1e300, -1e300), epoch(usize::MAX, 1.0, 1e300)],
        (1..=300).map(|number| epoch(number, 1e6 / number as f64, 0.9)).collect(),
    ];
    for epochs in sizes {
        let run = run(|run| (run.epochs, run.chosen) = (epochs, 1));
        check(&report(&run, model, &test_digits()).unwrap());
        check(&compare(&[("a".into(), run)]).unwrap());
    }
}

#[test]
fn seeds_are_laid_over_each_other() {
    let named = seeds(1..=5);
    let runs: Vec<FinishedRun> = named.iter().map(|(_, run)| run.clone()).collect();
    let page = compare(&named).unwrap();
    assert_eq!(check(&page), 2 + 5, "two panels, and a key");
    // 91, 92, 93, 94, 95 %: variance (4 + 1 + 0 + 1 + 4) / 4 = 2.5; √(0.93 · 0.07 / 300) = 1.47 %.
    let said = "5 seeds: mean 93.00 %, s.d. 1.58 points, range 91.00 % to 95.00 %; the binomial \
                error of one test is 1.47 points. The spread over the seeds is larger";
    assert!(verdict(&runs).unwrap().starts_with(said), "{:?}", verdict(&runs));
    assert!(page.contains(said));
    for (name, run) in &named {
        let error = 100.0 * binomial_error(run.test, 300);
        assert!(page.contains(&format!("<th scope=\"row\">{name}</th>")));
        assert!(page.contains(&format!("{:.2} ± {error:.2} %", 100.0 * run.test)));
    }
    assert_eq!(differences(&runs).len(), 1);

    let close: Vec<FinishedRun> = runs[1..3].to_vec();
    assert!(verdict(&close).unwrap().contains("is not larger than that"));
    let untold: Vec<FinishedRun> = close
        .into_iter()
        .map(|mut run| {
            run.pictures.clear();
            run
        })
        .collect();
    assert!(verdict(&untold).unwrap().ends_with("range 92.00 % to 93.00 %."));
    assert_eq!(verdict(&untold[..1]), None);
    let twice = [runs[0].clone(), runs[0].clone()];
    assert!(verdict(&twice).unwrap().contains("its own --seed"));
}

#[test]
fn two_groups_that_differ_in_one_thing_lie_apart() {
    let mut named = seeds([1, 2, 3, 1, 2]);
    for (name, run) in &mut named[3..] {
        run.recipe.rate = 0.25;
        *name = format!("slow/{name}");
    }
    let runs: Vec<FinishedRun> = named.iter().map(|(_, run)| run.clone()).collect();
    let found = groups(&runs);
    assert_eq!(
        found.iter().map(|group| group.runs.clone()).collect::<Vec<_>>(),
        [vec![0, 1, 2], vec![3, 4]]
    );
    // √(0.9175 · 0.0825 / 300) = 1.588 %.
    let said = verdict(&runs).unwrap();
    let start = "rate 0.5 (3 runs) has a mean test accuracy of 92.00 %, rate 0.25 (2 runs) of \
                 91.50 %: 0.50 points apart, 0.3 binomial errors of one test.";
    assert!(said.starts_with(start), "{said}");
    assert!(!said.contains("significant"));
    let page = compare(&named).unwrap();
    assert_eq!(check(&page), 2 + 2);
    assert!(page.contains("rate 0.25 (2 runs)</li>") && page.contains("<td>0.25</td>"));

    let mut other = runs.clone();
    other[3].recipe.batch = 20;
    assert_eq!(verdict(&other), None, "three groups");
    let mut one_each = [runs[0].clone(), runs[4].clone()];
    assert!(verdict(&one_each).unwrap().contains("rate 0.5 (1 run)"));
    check(&compare(&one_each.clone().map(|run| ("x".into(), run))).unwrap());
    (one_each[0].test, one_each[1].test) = (1.0, 1.0);
    assert!(verdict(&one_each).unwrap().contains(": 0.00 points apart. This"));
    one_each[1].recipe.batch = 20;
    assert_eq!(verdict(&one_each), None, "two things differ");
    one_each[1].sha256.insert("test".into(), "1".into());
    assert!(verdict(&one_each).unwrap().contains("cannot be compared"));
}

#[test]
fn the_table_fits_a_terminal() {
    let mut named = seeds(1..=3);
    named[1].1.recipe = Recipe {
        sizes: vec![784, 2500, 2000, 1500, 1000, 500, 10],
        activation: neurons::sigmoid::Activation::Relu,
        epochs: 300,
        batch: 1000,
        patience: Some(5),
        ..Recipe::book()
    };
    named[2].0 = format!("runs/\u{1b}[31m{}/the-end", "very-long-name/".repeat(10));
    named[2].1.chosen = 1;
    named[2].1.pictures.remove("validation");
    named[0].1.pictures.remove("test");
    named[0].1.chosen = 7;
    let text = side_by_side(&named).text(80);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}') && text.contains("/the-end"));
    for word in
        ["784-2500-2000-1500-1000-500-10", "relu", "1 of 3", "7 of 3", "–", "± 1.57 %"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    let long = "line\u{1b}[2J".repeat(20);
    named[2].0 = long;
    assert!(!side_by_side(&named).text(80).contains('\u{1b}'));
    let text = side_by_side(&seeds(1..=2)).text(80);
    let first: Vec<_> = text.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(first, ["run", "seed", "epochs", "cost", "validation", "test"]);
    assert!(compare(&[]).unwrap_err().to_string().contains("name the folder"));
}

#[test]
fn many_recipes_have_a_look_each() {
    let many: Vec<_> = (0..70)
        .map(|i| (format!("run {i}"), run(|run| run.recipe.batch = i + 1)))
        .collect();
    let page = compare(&many).unwrap();
    assert_eq!(check(&page), 2 + 64);
    assert!(page.contains("Only the first 64 are drawn."));
}

#[test]
fn a_folder_of_seeds_counts_as_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let error = runs_in(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("has no run in it") && error.contains("train --out"),
        "{error}"
    );
    small().0.save(folder.path()).unwrap();
    assert_eq!(runs_in(folder.path()).unwrap().len(), 1);
    for (name, run) in seeds([10, 9]) {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        run.save(&path).unwrap();
    }
    fs::write(folder.path().join("seed-3"), "no folder").unwrap();
    fs::create_dir(folder.path().join("seed-x")).unwrap();
    let runs = runs_in(folder.path()).unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs[0].0.ends_with("seed-9") && runs[1].0.ends_with("seed-10"));
    assert_eq!(runs[0].1.recipe.seed, 9);
    fs::write(folder.path().join("seed-9/run.json"), "{}").unwrap();
    let error = runs_in(folder.path()).unwrap_err().to_string();
    assert!(error.contains("was not written by a run, or is damaged"), "{error}");
}
