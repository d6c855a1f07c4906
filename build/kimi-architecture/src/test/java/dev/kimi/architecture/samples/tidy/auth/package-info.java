@NullMarked
package dev.kimi.architecture.samples.tidy.auth;

import org.jspecify.annotations.NullMarked;
