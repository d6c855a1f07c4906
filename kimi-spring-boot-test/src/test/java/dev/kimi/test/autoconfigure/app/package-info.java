@NullMarked
package dev.kimi.test.autoconfigure.app;

import org.jspecify.annotations.NullMarked;
