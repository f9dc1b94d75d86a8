//! `leeway demo`: a small made-up company to look around in.

mod company;
mod story;

#[cfg(test)]
mod tests {
    use platform::db::schema;
    use testkit::on_each;

    use super::company::{NotMade, make};

    #[test]
    fn the_company_can_be_made() {
        on_each(|test| async move {
            test.db.migrate(&schema().unwrap()).await.unwrap();
            let made: Result<(), NotMade> = test.db.write(|tx| Box::pin(async move { make(tx, "hash", 1_795_428_000_000_000).await })).await;
            made.unwrap();
            let found = test.db.read(|tx| Box::pin(async move { platform::audit::verify(tx, 10).await })).await.unwrap();
            assert_eq!(found, Vec::<String>::new());
        });
    }
}
