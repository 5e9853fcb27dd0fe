//! Environment variables.

use crate::case::{Needs, cases};
use crate::sys::process::environment::{
    self as env, all, list, put, set_named, set_then_all, tell, unset_named, unset_then_all,
};

const SET: &str = "POSIX setenv: EINVAL for an empty name or one with an equals sign";
const UNSET: &str = "POSIX unsetenv: EINVAL for an empty name or one with an equals sign";
const PUT: &str = "POSIX putenv; putenv(3): glibc removes a name without an equals sign";
const LIST: &str = "POSIX Base Definitions 8.1; glibc stdlib/setenv.c, musl src/env";
const NOTHING: Needs = Needs::NOTHING;

cases! {
    "process.environment.set-equals", "setenv of a name with =", "What does setenv say to a name with an equals sign?", SET, NOTHING, |o| set_named(o, c"A=B");
    "process.environment.set-empty", "setenv of an empty name", "What does setenv say to an empty name?", SET, NOTHING, |o| set_named(o, c"");
    "process.environment.set-null", "setenv of a null name", "What does setenv do with a null pointer for a name?", SET, NOTHING, |o| env::null_names(o, false);
    "process.environment.overwrite", "setenv of a set variable", "Does setenv leave a variable alone when it is told to?", "POSIX setenv", NOTHING, env::overwrite;
    "process.environment.unset-equals", "unsetenv of a name with =", "What does unsetenv say to a name with an equals sign?", UNSET, NOTHING, |o| unset_named(o, c"A=B");
    "process.environment.unset-empty", "unsetenv of an empty name", "What does unsetenv say to an empty name?", UNSET, NOTHING, |o| unset_named(o, c"");
    "process.environment.unset-null", "unsetenv of a null name", "What does unsetenv do with a null pointer for a name?", UNSET, NOTHING, |o| env::null_names(o, true);
    "process.environment.unset-missing", "unsetenv of what is not set", "What does unsetenv say to a variable that is not set?", UNSET, NOTHING, |o| unset_named(o, c"NOWHERE");
    "process.environment.put-bare", "putenv without =", "Does putenv remove a variable when the string has no equals sign?", PUT, NOTHING, |o| put(o, c"A", c"A");
    "process.environment.put-empty-name", "putenv of =value", "What does putenv do with a string that begins with an equals sign?", PUT, NOTHING, |o| put(o, c"=value", c"");
    "process.environment.put-empty", "putenv of the empty string", "What does putenv do with the empty string?", PUT, NOTHING, |o| put(o, c"", c"A");
    "process.environment.put-empty-value", "putenv of A=", "Is a variable empty after putenv of a string that ends in an equals sign?", PUT, NOTHING, |o| put(o, c"A=", c"A");
    "process.environment.put-owned", "a string given to putenv", "Is the string given to putenv the variable itself, and does setenv leave the string alone?",
        "POSIX putenv: altering the string shall change the environment", NOTHING, env::put_owned;
    "process.environment.clear", "clearenv", "What is left after clearenv, and can variables be set again?", "clearenv(3), POSIX 2024 has none", NOTHING, env::clear;
    "process.environment.null", "environ set to null", "Do the functions cope with a null environ?", LIST, NOTHING, env::null_list;
    "process.environment.twice", "a variable that is there twice", "Which of two variables of a name does getenv return?", LIST, NOTHING,
        |o| list(o, &[c"A=first", c"B=between", c"A=second"], || tell(c"A"));
    "process.environment.twice-set", "setenv of a variable that is there twice", "What does setenv make of a variable that is there twice?", LIST, NOTHING,
        |o| list(o, &[c"A=first", c"B=between", c"A=second"], || set_then_all(c"A", c"new"));
    "process.environment.twice-unset", "unsetenv of a variable that is there twice", "Does unsetenv remove a variable that is there twice?", LIST, NOTHING,
        |o| list(o, &[c"A=first", c"B=between", c"A=second"], || unset_then_all(c"A"));
    "process.environment.bare", "a string without = in the environment", "Do getenv and unsetenv see a string without an equals sign?", LIST, NOTHING,
        |o| list(o, &[c"A", c"B=value"], || { tell(c"A"); unset_then_all(c"A"); });
    "process.environment.get-equals", "getenv of a name with =", "Does getenv find a variable by a name with an equals sign?", LIST, NOTHING,
        |o| list(o, &[c"A=B=C"], || { tell(c"A"); tell(c"A=B"); });
    "process.environment.get-empty", "getenv of the empty name", "Does getenv find a string that begins with an equals sign?", LIST, NOTHING,
        |o| list(o, &[c"=value"], || tell(c""));
    "process.environment.order", "the order of variables", "Where in the list does setenv put a new variable?", LIST, NOTHING,
        |o| list(o, &[c"B=value", c"C=value"], || { set_then_all(c"A", c"value"); unset_then_all(c"B"); all(); });
    "process.environment.secure", "secure_getenv", "Is there secure_getenv, and does it find variables in an ordinary program?", "secure_getenv(3): glibc 2.17, musl 1.1.14", NOTHING,
        env::secure;
}
