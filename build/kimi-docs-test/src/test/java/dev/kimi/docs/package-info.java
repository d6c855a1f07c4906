/** The code of the guides, run. */
@NullMarked
package dev.kimi.docs;

import org.jspecify.annotations.NullMarked;
