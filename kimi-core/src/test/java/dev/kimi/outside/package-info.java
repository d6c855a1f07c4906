@NullMarked
package dev.kimi.outside;

import org.jspecify.annotations.NullMarked;
