/** The code of the README. */
@NullMarked
package dev.kimi.readme;

import org.jspecify.annotations.NullMarked;
