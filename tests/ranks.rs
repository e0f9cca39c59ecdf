//! Several processes learn as one: `cargo test --features mpi --test ranks`, with MPI's mpirun.

mod drawn;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use neurons::trainer::model_file::Model;
use tempfile::tempdir;

fn mpirun(n: usize, data: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new("mpirun");
    // In a container there may be no other user, no ssh, and fewer cores than processes.
    command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    command.env("OMPI_MCA_plm_rsh_agent", "sh");
    command.args(["--oversubscribe", "-n", &n.to_string(), env!("CARGO_BIN_EXE_mnist")]);
    command.arg("train").arg("--data").arg(data).arg("--out").arg(out);
    command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const RECIPE: &str = "--layers 784,12,10 --batch 30 --optimiser momentum:0.9 --rate 0.05 \
                      --l2 0.001 --precision f64 --epochs";

/// The recipe, with so many epochs.
fn recipe(epochs: &str) -> Vec<&str> {
    RECIPE.split_whitespace().chain([epochs]).collect()
}

fn weights(out: &Path) -> Vec<f64> {
    Model::load(&out.join("model.safetensors")).unwrap().network.to_vector().to_vec()
}

#[test]
fn one_two_or_four_processes_learn_the_same() {
    let data = drawn::digits();
    let trained = |n| {
        let out = tempdir().unwrap();
        let output = mpirun(n, data.path(), out.path(), &recipe("3")).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{n} processes: {errors}");
        let output = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.matches("Test accuracy").count(), 1, "{output}");
        weights(out.path())
    };
    let one = trained(1);
    for n in [2, 4] {
        let shared = trained(n);
        assert_eq!(shared, trained(n), "the same number, the same bits");
        let off = one.iter().zip(&shared).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(off < 1e-9, "{n} processes: {off:.1e}");
    }
}

#[test]
fn a_process_that_dies_ends_the_run_and_leaves_the_checkpoints() {
    let data = drawn::digits();
    let (out, kept) = (tempdir().unwrap(), tempdir().unwrap());
    let folder = kept.path().join("kept");
    let checkpoints = ["--checkpoint", folder.to_str().unwrap()];
    let begin = [&recipe("100000")[..], &checkpoints].concat();
    let run = mpirun(2, data.path(), out.path(), &begin).spawn().unwrap();
    // The lock, the beginning, two epochs.
    let begun = || fs::read_dir(&folder).is_ok_and(|files| files.count() >= 4);
    while !begun() {
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_a_rank(&run);
    let output = run.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(errors.contains("the last checkpoint is whole, go on from it"), "{errors}");
    let found = neurons::trainer::checkpoint::Checkpoints::open(&folder)
        .unwrap()
        .newest()
        .unwrap();
    assert!(found.damaged.is_empty());
    assert!(found.training.epochs.len() > 1);
}

#[test]
fn a_run_goes_on_with_its_own_digits_only() {
    let data = drawn::digits();
    let (out, kept) = (tempdir().unwrap(), tempdir().unwrap());
    let folder = kept.path().join("kept");
    let folder = folder.to_str().unwrap();
    let done = |more: &[&str]| mpirun(2, data.path(), out.path(), more).output().unwrap();
    let begin = [&recipe("2")[..], &["--checkpoint", folder]].concat();
    assert!(done(&begin).status.success());
    assert!(done(&["--resume", folder]).status.success());
    let fewer = done(&["--resume", folder, "--pictures", "100"]);
    let errors = String::from_utf8_lossy(&fewer.stderr);
    assert!(!fewer.status.success());
    assert!(errors.contains("was made with other digits"), "{errors}");
}

/// Kills the last of the processes that mpirun started; the first is the one that talks.
fn kill_a_rank(mpirun: &Child) {
    let is_child = |process: &String| {
        // "1234 (mnist) S 1200 …": number, name, state, parent.
        let stat =
            fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        stat.contains("(mnist)") && parent == Some(&mpirun.id().to_string())
    };
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let names = processes.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let ranks = names.filter(is_child).filter_map(|name| name.parse::<u32>().ok());
    let rank = ranks.max().expect("mpirun has children");
    let killed = Command::new("sh").args(["-c", &format!("kill -9 {rank}")]).status();
    assert!(killed.unwrap().success());
}
