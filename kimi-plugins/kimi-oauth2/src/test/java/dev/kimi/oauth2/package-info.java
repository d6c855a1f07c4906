@NullMarked
package dev.kimi.oauth2;

import org.jspecify.annotations.NullMarked;
