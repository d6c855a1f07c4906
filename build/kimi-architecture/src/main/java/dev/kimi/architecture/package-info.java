/**
 * The shape of the code base as executable rules. A module applies them to its own classes with a test of a few lines:
 * {@link dev.kimi.architecture.ArchitectureChecks} over one of the lists of {@link dev.kimi.architecture.Rules}.
 */
@NullMarked
package dev.kimi.architecture;

import org.jspecify.annotations.NullMarked;
