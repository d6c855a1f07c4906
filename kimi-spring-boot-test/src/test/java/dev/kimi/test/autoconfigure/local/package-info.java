@NullMarked
package dev.kimi.test.autoconfigure.local;

import org.jspecify.annotations.NullMarked;
