//! The one table of routes. A router is made of it and of nothing else, so that no route is without a permission, and tests can go through all of them.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

/// One route: what is asked for, who may, and what answers.
pub struct Route<P> {
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may.
    pub permission: P,
    /// Names of the fields of free text that it takes, for the test that fills them with scripts.
    pub texts: &'static [&'static str],
    answer: MethodRouter,
}

impl<P> Route<P> {
    /// A page or document that is read.
    pub fn get<H, T, S>(path: &'static str, permission: P, handler: H, state: &S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        Self { method: Method::GET, path, permission, texts: &[], answer: on(MethodFilter::GET, handler).with_state(state.clone()) }
    }

    /// A change.
    pub fn post<H, T, S>(path: &'static str, permission: P, handler: H, state: &S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        Self { method: Method::POST, path, permission, texts: &[], answer: on(MethodFilter::POST, handler).with_state(state.clone()) }
    }

    /// Something is taken away.
    pub fn delete<H, T, S>(path: &'static str, permission: P, handler: H, state: &S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        Self { method: Method::DELETE, path, permission, texts: &[], answer: on(MethodFilter::DELETE, handler).with_state(state.clone()) }
    }

    /// The fields of free text that it takes.
    #[must_use]
    pub fn taking(mut self, texts: &'static [&'static str]) -> Self {
        self.texts = texts;
        self
    }
}

/// Makes the router. `guard` puts the check of the permission before the answer.
pub fn router<P: Copy>(routes: Vec<Route<P>>, guard: impl Fn(P, MethodRouter) -> MethodRouter) -> Router {
    routes.into_iter().fold(Router::new(), |router, route| router.route(route.path, guard(route.permission, route.answer)))
}
