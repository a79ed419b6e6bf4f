#pragma once

/// Calls of malloc and its like by this process so far.
unsigned long allocations(void);

/// Nanoseconds of processor time of this thread, so that neighbours on the machine don't count.
unsigned long thread_nanoseconds(void);
