@NullMarked
package dev.kimi.test.spring.app;

import org.jspecify.annotations.NullMarked;
