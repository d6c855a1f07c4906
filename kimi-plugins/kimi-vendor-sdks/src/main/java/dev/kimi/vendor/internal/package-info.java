/** What both SDKs need, without a type of either: a request and a response of the engine as they see them. */
@NullMarked
package dev.kimi.vendor.internal;

import org.jspecify.annotations.NullMarked;
