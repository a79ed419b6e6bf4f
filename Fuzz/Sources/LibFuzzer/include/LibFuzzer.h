// libFuzzer as a library: the executables have a `main` of their own, since SwiftPM wants one.
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(
  int *_Nonnull count, char *_Nonnull *_Nonnull *_Nonnull words,
  int (*_Nonnull fuzz)(const uint8_t *_Nonnull start, size_t count));

// Runs the target with the program's own words; returns its exit code.
static inline int fuzzer_run(
  int count, char *_Nullable *_Nonnull words,
  int (*_Nonnull fuzz)(const uint8_t *_Nonnull start, size_t count)) {
  char **all = (char **)words;
  return LLVMFuzzerRunDriver(&count, &all, fuzz);
}
