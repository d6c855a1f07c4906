/** A scriptable Kimi server for tests, samples and benchmarks; no test framework is needed to run it. */
@NullMarked
package dev.kimi.test;

import org.jspecify.annotations.NullMarked;
