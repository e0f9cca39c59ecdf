//! `mnist data`: where MNIST is, whether it is whole, and a download if it is not there.

use std::path::Path;

use neurons::digits::dataset::{
    CacheError, DataError, FoundFile, MnistError, Search, Source,
};
use neurons::trainer::number_text::grouped;
use serde_json::{Value, json};

use crate::CommandResult;
use crate::options;
use crate::terminal::{say, wrapped};

pub fn run(options: &options::Data) -> CommandResult {
    let search = Search::from_env(options.data.as_deref());
    let (folder, reason) = match (&search.folder, &search.cache) {
        (Some(folder), _) if options.data.is_some() => {
            (folder, "--data names it")
        }
        (Some(folder), _) => (folder, "MNIST_DIR names it"),
        (None, Some(cache)) => (
            cache,
            "it is the cache, and neither --data nor MNIST_DIR names another",
        ),
        (None, None) => {
            return Err(MnistError::Cache(CacheError::NoHome).into());
        }
    };
    say!(
        "{}\n",
        wrapped(&format!("The folder is {}: {reason}.", folder.display()))
    );

    let look = || {
        search.contents.map(|content| (content.name, content.look(folder)))
    };
    let genuine = |found: &Result<FoundFile, _>| {
        found.as_ref().is_ok_and(|one| one.genuine)
    };
    let mut found = look();
    let is_whole =
        |found: &[(_, _); 4]| found.iter().all(|(_, found)| genuine(found));
    let fetched = match search.folder {
        // A folder that the user named is not written to.
        Some(_) => Ok(()),
        None if is_whole(&found) => {
            say!(
                "{}\n",
                wrapped(&Source::Cache(folder.clone()).to_string())
            );
            Ok(())
        }
        None => search.cached_or_downloaded().map(|data| {
            say!("{}\n", wrapped(&data.source.to_string()));
            found = look();
        }),
    };
    say!(
        "file                             bytes   holds            SHA-256"
    );
    for (name, found) in &found {
        say!("{}", row(name, found));
    }
    say!("");
    for skipped in found
        .iter()
        .flat_map(|(_, found)| found)
        .flat_map(|one| &one.skipped)
    {
        say!("{}\n", wrapped(&format!("Skipped a broken file: {skipped}")));
    }
    let whole = is_whole(&found);
    if whole {
        say!("MNIST is there, and whole.");
    }
    if options.json {
        let files: Vec<_> =
            found.iter().map(|(name, found)| file(name, found)).collect();
        say!(
            "{}",
            json!({
                "folder": folder,
                "reason": reason,
                "mnist": whole,
                "files": files,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    fetched.map_err(MnistError::Cache)?;
    if whole { Ok(()) } else { Err(complaint(folder, found).into()) }
}

/// One line of the table.
fn row(name: &str, found: &Result<FoundFile, DataError>) -> String {
    match found {
        Ok(found) => {
            let file = found
                .path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            let what =
                if name.contains("images") { "pictures" } else { "labels" };
            let holds = format!("{} {what}", grouped(found.count));
            let sha256 = if found.genuine { "MNIST's" } else { "another" };
            format!(
                "{file:26} {:>11}   {holds:15}  {sha256}",
                grouped(found.length as usize)
            )
        }
        Err(DataError::Idx(_) | DataError::Npz(_)) => {
            format!("{name:26} {:>11}", "broken")
        }
        Err(_) => format!("{name:26} {:>11}", "missing"),
    }
}

fn file(name: &str, found: &Result<FoundFile, DataError>) -> Value {
    match found {
        Ok(found) => json!({
            "name": name,
            "path": found.path,
            "bytes": found.length,
            "count": found.count,
            "mnist": found.genuine,
            "skipped": found.skipped,
        }),
        Err(error) => {
            json!({ "name": name, "mnist": false, "error": error.to_string() })
        }
    }
}

/// What is wrong with a folder that the user named: the first file that is broken or missing, or
/// digits that are not MNIST's.
fn complaint(
    folder: &Path,
    found: [(&str, Result<FoundFile, DataError>); 4],
) -> MnistError {
    match found.into_iter().find_map(|(_, found)| found.err()) {
        Some(error) => error.into(),
        None => MnistError::OtherDigits { folder: folder.into() },
    }
}
