/** What the benchmarks have in common. */
@NullMarked
package dev.kimi.samples.benchmark.internal;

import org.jspecify.annotations.NullMarked;
