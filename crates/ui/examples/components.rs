//! Writes the sample pages and all assets to a folder: `cargo run -p ui --example components -- FOLDER`.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let Some(folder) = env::args().nth(1) else {
        return Err(io::Error::other("needs the folder to write to: cargo run -p ui --example components -- FOLDER"));
    };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for page in ui::sample_pages().map_err(io::Error::other)? {
        fs::write(folder.join(page.name).with_extension("html"), page.html)?;
    }
    for name in ui::assets::names() {
        let address = ui::assets::url(name);
        let file = folder.join(address.trim_start_matches('/'));
        if let (Some(asset), Some(parent)) = (ui::assets::get(&address), file.parent()) {
            fs::create_dir_all(parent)?;
            fs::write(file, asset.bytes)?;
        }
    }
    Ok(())
}
