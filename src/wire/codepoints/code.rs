//! Open newtypes for the code points that rules compare: any number goes in, known ones have a name.

/// A newtype over a number of a registry, with constants that are called as in IANA's registry. Unknown values are kept;
/// `Display` shows the name, or the number in hexadecimal.
macro_rules! code_point {
    ($(#[$about:meta])* $name:ident($width:ty) of $registry:ident { $($constant:ident = $code:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub $width);

        #[allow(non_upper_case_globals, reason = "IANA's and the RFCs' spelling")]
        impl $name {
            $(pub const $constant: $name = $name($code);)*

            /// Its name, if it has one.
            pub fn name(self) -> Option<&'static str> {
                $registry.name_of(u16::from(self.0))
            }

            /// One of the values that RFC 8701 reserves.
            pub fn is_grease(self) -> bool {
                $registry.grease && $crate::wire::codepoints::is_grease(u16::from(self.0), $registry.width)
            }

            #[cfg(test)]
            pub(super) const CONSTANTS: &[(&'static str, $name)] = &[$((stringify!($constant), $name::$constant)),*];
        }

        impl From<$width> for $name {
            fn from(code: $width) -> Self {
                $name(code)
            }
        }

        impl From<$name> for u16 {
            fn from(code: $name) -> Self {
                u16::from(code.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&$registry.show(u16::from(self.0)))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self}, {:#x})", stringify!($name), self.0)
            }
        }
    };
}
pub(super) use code_point;

#[cfg(test)]
mod tests {
    use crate::wire::codepoints::{
        AlertDescription, AlertLevel, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme,
    };

    #[test]
    fn constants_are_called_as_in_the_registry() {
        macro_rules! same {
            ($($code_point:ident),*) => {$(
                for (constant, code) in $code_point::CONSTANTS {
                    assert_eq!(code.name(), Some(*constant), "{code:?}");
                }
            )*};
        }
        same!(AlertDescription, AlertLevel, CipherSuite, NamedGroup, SignatureScheme);
        for (constant, version) in ProtocolVersion::CONSTANTS {
            assert_eq!(version.to_string().replace(['.', ' '], "_"), *constant);
        }
    }

    #[test]
    fn unknown_values_are_kept() {
        let unknown = CipherSuite(0xfe42);
        assert_eq!((unknown.name(), unknown.to_string()), (None, "0xfe42".into()));
        assert_eq!(u16::from(unknown), 0xfe42);
        assert_eq!(AlertDescription(200).to_string(), "0xc8");
        assert_eq!(format!("{:?}", NamedGroup::x25519), "NamedGroup(x25519, 0x1d)");
    }
}
