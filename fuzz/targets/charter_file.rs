#![no_main]

#[path = "../checks/asking.rs"]
mod asking;
#[path = "../checks/charter_file.rs"]
mod charter_file;
#[path = "../checks/loading.rs"]
mod loading;
#[path = "../checks/zones.rs"]
mod zones;

libfuzzer_sys::fuzz_target!(|data: &[u8]| charter_file::check(&String::from_utf8_lossy(data)));
