@NullMarked
package dev.kimi.vendor.internal;

import org.jspecify.annotations.NullMarked;
