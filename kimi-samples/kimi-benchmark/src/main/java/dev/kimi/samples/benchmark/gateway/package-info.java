/** Our gateway beside others from npm, before the same upstream. */
@NullMarked
package dev.kimi.samples.benchmark.gateway;

import org.jspecify.annotations.NullMarked;
