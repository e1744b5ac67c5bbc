//! Campaign console 活动控制台: what staff see of every play before they publish it, whatever its kind.
//!
//! Each play has the same commands (create, update while a draft, preview, publish, pause, resume, end early, copy) and
//! answers its preview in the words of [`preview`].

pub mod preview;
