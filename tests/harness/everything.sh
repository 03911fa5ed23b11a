# Sourced by ./dev: `everything [--all]` is what `./dev test` means. Two builds: one g++ with address and
# undefined-behaviour sanitizers for all that needs no real server, one release build for what does.

everything() {
    local all='' status=0 began=$SECONDS
    [ "${1:-}" != --all ] || all=1
    need build test lint peers
    peers
    build asan
    run_tests build/asan -LE 'system|bench|crash' -j "$(nproc)" || status=1
    [ -z "$all" ] || everything_else || status=1
    build release rialto crash crash_ledger bench
    run_tests build/release -L crash -j "$(nproc)" || status=1
    [ -z "$all" ] || whole_crash_matrix || status=1
    # Each brings up servers of its own, on ports and in a directory of its own.
    run_tests build/release -L system -j 2 || status=1
    if [ $status != 0 ]; then
        stop "failed after $((SECONDS - began)) s; what failed is listed above (also in build/*/Testing/dev.log)"
    fi
    say "all passed in $((SECONDS - began)) s"
}

# The checks that take long: the other compiler, threads, clang-tidy, coverage and the fuzzers' long run.
everything_else() {
    local status=0
    need all
    # clang's warnings are errors in the build for coverage.
    build coverage
    LLVM_PROFILE_FILE=$PWD/build/coverage/profile/%p.profraw run_tests build/coverage -L 'unit|contract|corpus' || status=1
    python3 -m tests.harness.coverage build/coverage || status=1
    # The files as they are compiled there, many at a time: their common headers are looked at once.
    say "clang-tidy"
    find build/coverage/CMakeFiles -path '*/Unity/*.cxx' | cat - <(ls appservice/{daemon,main}.cpp) |
        xargs -P "$(nproc)" -n 1 clang-tidy-19 --quiet -p build/coverage 2>build/clang-tidy.err || status=1
    build tsan
    run_tests build/tsan -L 'unit|contract' || status=1
    build fuzz fuzzers
    python3 -m tests.harness.long_fuzz build/fuzz --seconds "${RIALTO_FUZZ_SECONDS:-90}" || status=1
    return $status
}

# Death at every operation, not only at a sample of them; each network in as many shards as there are processors.
whole_crash_matrix() {
    local far shard shards status=0 jobs=()
    shards=$(nproc)
    for far in prosody ejabberd; do
        say "crash matrix, $far"
        for shard in $(seq 0 $((shards - 1))); do
            build/release/tests/crash/crash --far "$far" --shard "$shard" --shards "$shards" &
            jobs+=($!)
        done
        for job in "${jobs[@]}"; do wait "$job" || status=1; done
        jobs=()
    done
    return $status
}
