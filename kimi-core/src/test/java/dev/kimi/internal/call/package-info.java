@NullMarked
package dev.kimi.internal.call;

import org.jspecify.annotations.NullMarked;
