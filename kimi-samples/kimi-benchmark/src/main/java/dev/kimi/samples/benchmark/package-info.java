/** Measures what calls and streams cost the client: see {@link dev.kimi.samples.benchmark.Benchmark}. */
@NullMarked
package dev.kimi.samples.benchmark;

import org.jspecify.annotations.NullMarked;
