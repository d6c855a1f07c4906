/** The services that the tests run against. */
@NullMarked
package dev.kimi.simulated;

import org.jspecify.annotations.NullMarked;
