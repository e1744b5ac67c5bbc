//! Points as shoppers and staff see them.
