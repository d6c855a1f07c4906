/** Small tools without a subject of their own. */
@NullMarked
package dev.kimi.internal.util;

import org.jspecify.annotations.NullMarked;
