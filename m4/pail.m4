dnl SPDX-License-Identifier: Apache-2.0

dnl PAIL_PROBE_FLAGS(VARIABLE, FLAGS): appends to VARIABLE those FLAGS that compiler and linker accept.
dnl -Werror makes Clang refuse unknown warnings, which it otherwise only remarks on.
AC_DEFUN([PAIL_PROBE_FLAGS], [
  for pail_flag in $2; do
    AS_VAR_PUSHDEF([pail_cache], [pail_cv_flag_$pail_flag])
    AC_CACHE_CHECK([whether the compiler accepts $pail_flag], [pail_cache],
      [pail_save_CFLAGS=$CFLAGS
       CFLAGS="$CFLAGS -Werror $pail_flag"
       AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
         [AS_VAR_SET([pail_cache], [yes])], [AS_VAR_SET([pail_cache], [no])])
       CFLAGS=$pail_save_CFLAGS])
    AS_VAR_IF([pail_cache], [yes], [$1="$$1 $pail_flag"])
    AS_VAR_POPDEF([pail_cache])
  done
])

dnl PAIL_SYSTEM_INCLUDES(VARIABLES): turns -I of each into -isystem, so that our warnings do not
dnl apply to other projects' headers.
AC_DEFUN([PAIL_SYSTEM_INCLUDES], [
  for pail_var in $1; do
    eval "pail_value=\$$pail_var"
    pail_value=`AS_ECHO([" $pail_value"]) | sed 's/ -I */ -isystem /g; s/^ //'`
    eval "$pail_var=\$pail_value"
  done
])

AC_DEFUN([PAIL_WARNINGS], [
  WARN_CFLAGS=
  PAIL_PROBE_FLAGS([WARN_CFLAGS], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wold-style-definition dnl
    -Wmissing-prototypes -Wmissing-declarations -Wredundant-decls -Wnested-externs -Wpointer-arith dnl
    -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wundef -Wvla dnl
    -Wimplicit-fallthrough=3 -Wlogical-op -Wduplicated-cond -Wduplicated-branches dnl
    -Wdate-time -Winit-self -Wjump-misses-init -Wstrict-aliasing=2 -Walloca -Wtrampolines dnl
    -Wno-missing-field-initializers])
  # The checks that sanitizers insert make it warn of paths that do not exist.
  AS_IF([test "$enable_asan$enable_tsan" = nono], [PAIL_PROBE_FLAGS([WARN_CFLAGS], [-Wnull-dereference])])
  AS_IF([test "$enable_werror" = yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])

AC_DEFUN([PAIL_SANITIZERS], [
  SANITIZE_CFLAGS=
  AS_IF([test "$enable_asan" = yes],
    [SANITIZE_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AS_IF([test "$enable_tsan" = yes],
    [SANITIZE_CFLAGS="-fsanitize=thread -fno-omit-frame-pointer"])
  AS_IF([test "$enable_fuzz" = yes],
    [AC_MSG_CHECKING([for libFuzzer])
     pail_save_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS -fsanitize=fuzzer,address,undefined"
     AC_LINK_IFELSE([AC_LANG_SOURCE([[int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) { return !data && size; }]])],
       [AC_MSG_RESULT([yes])],
       [AC_MSG_RESULT([no])
        AC_MSG_ERROR([$CC has no libFuzzer: set CC=clang, and install clang and libclang-rt-dev (Debian) or compiler-rt (Fedora)])])
     CFLAGS=$pail_save_CFLAGS
     SANITIZE_CFLAGS="$SANITIZE_CFLAGS -fsanitize=fuzzer-no-link"])
  FUZZ_LDFLAGS=-fsanitize=fuzzer
  AC_SUBST([FUZZ_LDFLAGS])
  AS_IF([test -n "$SANITIZE_CFLAGS"],
    [AC_MSG_CHECKING([whether $SANITIZE_CFLAGS links])
     pail_save_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS $SANITIZE_CFLAGS"
     AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])],
       [AC_MSG_RESULT([no])
        AC_MSG_ERROR([the sanitizer runtime is missing: install the libasan, libubsan or libtsan of this compiler])])
     CFLAGS=$pail_save_CFLAGS])
  COVERAGE_CFLAGS=
  AS_IF([test "$enable_coverage" = yes], [COVERAGE_CFLAGS="--coverage -fprofile-abs-path"])
  AC_SUBST([SANITIZE_CFLAGS])
  AC_SUBST([COVERAGE_CFLAGS])
])

dnl _FORTIFY_SOURCE needs optimisation and hides from the sanitizers what it intercepts itself.
AC_DEFUN([PAIL_HARDENING], [
  HARDEN_CFLAGS=
  HARDEN_CPPFLAGS=
  HARDEN_LDFLAGS=
  pail_hardening=no
  AS_IF([test "$enable_hardening" = yes && test -z "$SANITIZE_CFLAGS"],
    [pail_hardening=yes
     PAIL_PROBE_FLAGS([HARDEN_CFLAGS], [-fPIE -fstack-protector-strong -fstack-clash-protection dnl
       -fcf-protection=full -fno-plt -ftrivial-auto-var-init=zero])
     PAIL_PROBE_FLAGS([HARDEN_LDFLAGS], [-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack])
     AC_CACHE_CHECK([for the highest _FORTIFY_SOURCE], [pail_cv_fortify],
       [pail_cv_fortify=none
        pail_save_CFLAGS=$CFLAGS
        for pail_level in 3 2; do
          CFLAGS="$pail_save_CFLAGS -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$pail_level"
          AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <string.h>
#if !defined(__OPTIMIZE__) || __USE_FORTIFY_LEVEL < $pail_level
#error "no such level here"
#endif]], [[]])], [pail_cv_fortify=$pail_level; break])
        done
        CFLAGS=$pail_save_CFLAGS])
     AS_IF([test "$pail_cv_fortify" != none],
       [HARDEN_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$pail_cv_fortify"])])
  AC_SUBST([HARDEN_CFLAGS])
  AC_SUBST([HARDEN_CPPFLAGS])
  AC_SUBST([HARDEN_LDFLAGS])
])
