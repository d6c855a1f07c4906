/** Everything that can go wrong, as one unchecked family with a type per decision a caller can make. */
@NullMarked
package dev.kimi.error;

import org.jspecify.annotations.NullMarked;
