@NullMarked
package dev.kimi.test.spring.local;

import org.jspecify.annotations.NullMarked;
