@NullMarked
package dev.kimi.internal.endpoint;

import org.jspecify.annotations.NullMarked;
